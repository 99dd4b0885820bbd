import assert from "node:assert/strict";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openRecordingFiles, recordingName, settleFiles } from "../../src/app/broker/recording-files.ts";

const format = "pcapng" as const;
const needsRoot = process.getuid?.() === 0 ? false : "needs root";
const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, home: undefined };

function inDirectory(body: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "socklens-recording-"));
  try {
    body(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("files that take turns are numbered, and those that were never begun are removed", () => {
  inDirectory((directory) => {
    const path = join(directory, "trace.pcapng");
    assert.equal(recordingName(path, 2, 12), join(directory, "trace-03.pcapng"));
    const options = { format, path, files: 3, overwrite: false };
    const opened = openRecordingFiles(options, user);
    assert.ok(typeof opened !== "string" && opened.files.length === 3 && opened.sidecars === undefined);
    writeSync(opened.files[0]!, "x");
    settleFiles(opened, true);
    for (const fd of opened.files) closeSync(fd);
    assert.ok(existsSync(recordingName(path, 0, 3)) && !existsSync(recordingName(path, 1, 3)));
    assert.equal(statSync(recordingName(path, 0, 3)).mode & 0o777, 0o600);
  });
});

test("nothing is replaced unasked, no link is followed, and nothing is left behind when one of several fails", () => {
  inDirectory((directory) => {
    const path = join(directory, "a.pcapng");
    writeFileSync(path, "kept");
    assert.match(
      String(openRecordingFiles({ format, path, files: 1, overwrite: false }, user)),
      /it exists: give another name, or --overwrite$/,
    );
    assert.equal(readFileSync(path, "utf8"), "kept");
    const replaced = openRecordingFiles({ format, path, files: 1, overwrite: true }, user);
    assert.ok(typeof replaced !== "string");
    closeSync(replaced.files[0]!);
    assert.equal(statSync(path).size, 0);

    const link = join(directory, "link.pcapng");
    symlinkSync(path, link);
    for (const overwrite of [false, true]) {
      const refused = String(openRecordingFiles({ format, path: link, files: 1, overwrite }, user));
      assert.match(refused, /link\.pcapng: it is a symbolic link$/);
    }
    for (const overwrite of [false, true]) {
      const refused = String(openRecordingFiles({ format, path: directory, files: 1, overwrite }, user));
      assert.match(refused, /: it is a directory$/);
    }

    const turns = { format, path: join(directory, "b.pcapng"), files: 3, overwrite: false };
    writeFileSync(recordingName(turns.path, 2, 3), "kept");
    assert.match(String(openRecordingFiles(turns, user)), /b-3\.pcapng: it exists/);
    assert.ok(!existsSync(recordingName(turns.path, 0, 3)), "the first was taken away again");
    assert.equal(readFileSync(recordingName(turns.path, 2, 3), "utf8"), "kept");
  });
});

test("what is replaced stays as it was when one of several cannot be opened", () => {
  inDirectory((directory) => {
    const options = { format, path: join(directory, "t.pcapng"), files: 3, overwrite: true };
    for (const index of [0, 1]) writeFileSync(recordingName(options.path, index, 3), "kept");
    mkdirSync(recordingName(options.path, 2, 3));
    assert.match(String(openRecordingFiles(options, user)), /t-3\.pcapng: it is a directory$/);
    for (const index of [0, 1]) assert.equal(readFileSync(recordingName(options.path, index, 3), "utf8"), "kept");
    assert.deepEqual(readdirSync(directory).toSorted(), ["t-1.pcapng", "t-2.pcapng", "t-3.pcapng"]);
  });
});

test("what is replaced at the end stays until the new file is complete", () => {
  inDirectory((directory) => {
    const path = join(directory, "t.pcap");
    const options = { format: "pcap", path, files: 1, overwrite: true, replaceAtEnd: true } as const;
    const attempt = (bytes: string, ended: boolean): string[] => {
      writeFileSync(path, "old");
      writeFileSync(`${path}.jsonl`, "old owners");
      const opened = openRecordingFiles(options, user);
      assert.ok(typeof opened !== "string");
      if (bytes !== "") writeSync(opened.files[0]!, bytes);
      assert.equal(readFileSync(path, "utf8"), "old");
      assert.equal(settleFiles(opened, ended), undefined);
      return [readFileSync(path, "utf8"), ...readdirSync(directory).toSorted()];
    };
    assert.deepEqual(attempt("", true), ["old", "t.pcap", "t.pcap.jsonl"], "nothing was written");
    assert.deepEqual(attempt("half", false), ["old", "t.pcap", "t.pcap.jsonl"], "the writer was killed");
    assert.deepEqual(attempt("new", true), ["new", "t.pcap"], "other flows' owners go with their file");
  });
});

test("a file that took the name of an empty one is not removed in its stead", () => {
  inDirectory((directory) => {
    const path = join(directory, "a.pcapng");
    const opened = openRecordingFiles({ format, path, files: 1, overwrite: false }, user);
    assert.ok(typeof opened !== "string");
    rmSync(path);
    writeFileSync(path, "");
    settleFiles(opened, true);
    assert.ok(existsSync(path));
  });
});

test("a file belongs to the caller of sudo only where they may write", { skip: needsRoot }, () => {
  inDirectory((directory) => {
    const caller = { uid: 65_534, gid: 65_534, home: undefined };
    const ownerOf = (name: string): number => {
      const path = join(directory, name);
      const opened = openRecordingFiles({ format, path, files: 1, overwrite: false }, caller);
      assert.ok(typeof opened !== "string", String(opened));
      return statSync(path).uid;
    };
    assert.equal(ownerOf("theirs-not.pcapng"), 0);
    chmodSync(directory, 0o777);
    assert.equal(ownerOf("theirs.pcapng"), caller.uid);
    assert.equal(process.geteuid?.(), 0);
  });
});

test("each file of classic pcap has one beside it, and both take turns", () => {
  inDirectory((directory) => {
    const path = join(directory, "trace.pcap");
    const options = { format: "pcap", path, files: 2, overwrite: false } as const;
    const opened = openRecordingFiles(options, user);
    assert.ok(typeof opened !== "string" && opened.sidecars?.length === 2);
    writeSync(opened.files[0]!, "x");
    writeSync(opened.sidecars[0]!, "x");
    settleFiles(opened, true);
    for (const fd of [...opened.files, ...opened.sidecars]) closeSync(fd);
    assert.deepEqual(readdirSync(directory).toSorted(), ["trace-1.pcap", "trace-1.pcap.jsonl"]);
    // The second pair is free, the first is not: nothing of the second is left behind.
    assert.match(String(openRecordingFiles(options, user)), /trace-1\.pcap: it exists/);
    rmSync(join(directory, "trace-1.pcap"));
    assert.match(String(openRecordingFiles(options, user)), /trace-1\.pcap\.jsonl: it exists/);
    assert.deepEqual(readdirSync(directory), ["trace-1.pcap.jsonl"]);
  });
});

test("a recording that never began leaves no file", () => {
  inDirectory((directory) => {
    const options = { format: "pcap", path: join(directory, "a.pcap"), files: 1, overwrite: false } as const;
    const opened = openRecordingFiles(options, user);
    assert.ok(typeof opened !== "string");
    settleFiles(opened, true);
    for (const fd of [...opened.files, ...(opened.sidecars ?? [])]) closeSync(fd);
    assert.deepEqual(readdirSync(directory), []);
  });
});
