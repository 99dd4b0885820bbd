import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ExportFiles } from "../../src/app/broker/export-file.ts";
import { asUser, homeIn, invokingUser, type InvokingUser } from "../../src/app/broker/invoking-user.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const needsRoot = process.getuid?.() === 0 ? false : "needs root";
const nobody = 65_534;

describe("files for the engine", () => {
  let top: string;
  let home: string;
  let user: InvokingUser;
  let files: ExportFiles;

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "socklens-export-"));
    home = join(top, "home");
    mkdirSync(home);
    user = { ...invokingUser({}), uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, home };
    files = new ExportFiles(user, home);
  });
  afterEach(() => {
    files.abandon();
    rmSync(top, { recursive: true, force: true });
  });

  const problemOf = (answer: object): string => ("problem" in answer ? String(answer.problem) : "");

  it("writes a file of mode 0600 below the home, by ~ and by a relative name", () => {
    assert.deepEqual(files.create("~/a.json", false), { path: join(home, "a.json") });
    assert.equal(files.write(bytes("one ")), undefined);
    assert.equal(files.write(bytes("two")), undefined);
    assert.deepEqual(files.finish(), { bytes: 7 });
    assert.equal(readFileSync(join(home, "a.json"), "utf8"), "one two");
    assert.equal(statSync(join(home, "a.json")).mode & 0o777, 0o600);
    assert.deepEqual(files.create("b.CSV", false), { path: join(home, "b.CSV") });
  });

  it("replaces a file only when told to, and only when the new one is complete", () => {
    const path = join(home, "a.txt");
    writeFileSync(path, "old");
    const refused = files.create("~/a.txt", false);
    assert.match(problemOf(refused), /there is such a file/);
    assert.ok("exists" in refused && refused.exists);
    files.create("~/a.txt", true);
    files.write(bytes("half"));
    files.abandon();
    assert.equal(readFileSync(path, "utf8"), "old");
    files.create("~/a.txt", true);
    files.write(bytes("new"));
    files.finish();
    assert.equal(readFileSync(path, "utf8"), "new");
    assert.deepEqual(readdirSync(home), ["a.txt"], "nothing is left beside it");
  });

  it("takes away what was not finished", () => {
    files.create("~/a.json", false);
    files.write(bytes("half"));
    files.abandon();
    assert.deepEqual(readdirSync(home), []);
    assert.match(problemOf(files.finish()), /no file is open/);
    assert.match(problemOf(files.write(bytes("x")) ?? {}), /no file is open/);
  });

  it("refuses other endings, hidden names and directories, and places outside", () => {
    mkdirSync(join(home, ".config"));
    for (const [path, why] of [
      ["~/.bashrc", /must end in/],
      ["~/script.sh", /must end in/],
      ["~/.hidden.json", /dot/],
      ["~/.config/a.json", /hidden/],
      ["/etc/socklens-test.json", /write to your home/],
      ["~/../../../../../../etc/socklens-test.json", /write to your home/],
      ["/proc/self/a.json", /write to your home/],
      ["~/missing/a.json", /no such directory/],
      [`~/${"a".repeat(300)}.json`, /too long/],
      [`~/${"a/".repeat(600)}a.json`, /too long/],
      ["~", /must end in/],
    ] as const) {
      assert.match(problemOf(files.create(path, true)), why, path);
    }
    const homeless = new ExportFiles({ ...user, home: undefined }, "/usr");
    assert.match(problemOf(homeless.create("~/a.json", false)), /no home/);
  });

  it("gives root's engine nothing below the directory of the start, and nobody's anything below /", () => {
    const root = new ExportFiles({ uid: 0, gid: 0, home }, "/usr");
    assert.match(problemOf(root.create("share/socklens-test.json", false)), /not below it/);
    for (const place of [
      new ExportFiles({ ...user, home: "/" }, "/"),
      new ExportFiles({ uid: 0, gid: 0, home: "/" }, "/"),
    ]) {
      assert.match(problemOf(place.create("usr/socklens-test.json", false)), /write to your home/);
    }
  });

  it("asks for a path in full where the directory of the start was removed", () => {
    const lost = new ExportFiles(user, undefined);
    assert.match(problemOf(lost.create("a.json", false)), /give the path in full/);
    assert.deepEqual(lost.create("~/a.json", false), { path: join(home, "a.json") });
    lost.abandon();
  });

  it("follows no link, neither to a file nor out of the allowed directories", () => {
    const outside = join(top, "outside");
    mkdirSync(outside);
    mkdirSync(join(home, ".secret"));
    writeFileSync(join(outside, "t.json"), "theirs");
    symlinkSync(join(outside, "t.json"), join(home, "link.json"));
    symlinkSync("/etc", join(home, "etc"));
    symlinkSync(join(home, ".secret"), join(home, "open"));
    linkSync(join(outside, "t.json"), join(home, "hard.json"));
    assert.match(problemOf(files.create("~/link.json", false)), /such a file/);
    assert.match(problemOf(files.create("~/link.json", true)), /symbolic link/);
    assert.match(problemOf(files.create("~/etc/a.json", false)), /write to your home/);
    assert.match(problemOf(files.create("~/open/a.json", false)), /hidden/);
    assert.match(problemOf(files.create("~/hard.json", true)), /not a plain file of yours|plain file/);
    assert.equal(readFileSync(join(outside, "t.json"), "utf8"), "theirs");
    mkdirSync(join(home, "folder.json"));
    assert.match(problemOf(files.create("~/folder.json", true)), /plain file/);
  });

  it("acts with the rights of the user, and is root again after", { skip: needsRoot }, () => {
    chmodSync(top, 0o755);
    chmodSync(home, 0o755);
    const other = new ExportFiles({ uid: nobody, gid: nobody, home }, home);
    assert.match(problemOf(other.create("~/a.json", false)), /may not write/);
    assert.equal(process.geteuid?.(), 0);
    chmodSync(home, 0o777);
    assert.ok("path" in other.create("~/a.json", false));
    other.write(bytes("x"));
    other.finish();
    assert.equal(statSync(join(home, "a.json")).uid, nobody);
    writeFileSync(join(home, "root.json"), "root's");
    chmodSync(join(home, "root.json"), 0o644);
    assert.match(problemOf(other.create("~/root.json", true)), /plain file/);
    assert.throws(() =>
      asUser({ uid: nobody, gid: nobody, home }, () => {
        throw new Error("inside");
      }),
    );
    assert.equal(process.geteuid?.(), 0);
    assert.equal(process.getegid?.(), 0);
    assert.ok(existsSync(join(home, "root.json")));
  });
});

describe("the invoking user", () => {
  it("is found in passwd", () => {
    const passwd =
      "root:x:0:0:root:/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\nodd:x:1001:1001::relative:/bin/sh\n";
    assert.equal(homeIn(passwd, 1000), "/home/anna");
    assert.equal(homeIn(passwd, 1001), undefined);
    assert.equal(homeIn(passwd, 7), undefined);
  });

  it("is the caller of sudo", { skip: needsRoot }, () => {
    const { uid, gid } = invokingUser({ SUDO_UID: "65534", SUDO_GID: "65534", HOME: "/root" });
    assert.deepEqual([uid, gid], [65_534, 65_534]);
    const root = { uid: 0, gid: 0, home: "/root" };
    assert.deepEqual(invokingUser({ HOME: "/root" }), root);
    assert.deepEqual(invokingUser({ SUDO_UID: "0", SUDO_GID: "0", HOME: "/root" }), root, "root may call sudo, too");
  });
});
