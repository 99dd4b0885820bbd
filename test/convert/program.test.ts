import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseCommandLine } from "../../src/app/cli/index.ts";
import { overUdp, sampleFrames } from "../wire/frames.ts";
import { framesOf, writePcap } from "./captures.ts";

const executable = fileURLToPath(new URL("../../bin/socklens", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "socklens-program-"));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);
const source = writePcap(
  file("source.pcap"),
  Object.values(sampleFrames()).map((bytes, at) => ({ at, bytes })),
);
const count = Object.keys(sampleFrames()).length;

function run(args: readonly string[], input?: Uint8Array): { code: number | null; error: string; output: Buffer } {
  const { status, stderr, stdout } = spawnSync(executable, ["convert", ...args], { ...(input && { input }) });
  return { code: status, error: stderr.toString(), output: stdout };
}

test("the program converts, gives the file to nobody else and says what it wrote", async () => {
  const { code, error } = run([source, "-o", file("out.pcapng")]);
  assert.equal(error, `socklens: ${count} packets written\n`);
  assert.equal(code, 0);
  assert.deepEqual((await framesOf(file("out.pcapng"))).frames, (await framesOf(source)).frames);
  assert.equal(statSync(file("out.pcapng")).mode & 0o777, 0o600);
});

test("standard input and output", () => {
  const { code, output, error } = run(["-", "--format", "pcap", "-o", "-"], readFileSync(source));
  assert.equal(error, `socklens: ${count} packets written\n`);
  assert.equal(code, 0);
  assert.deepEqual(output, readFileSync(source));
});

test("what came through a pipe goes on before more comes", async () => {
  const child = spawn(executable, ["convert", "-", "--format", "pcap", "-o", "-"], { stdio: ["pipe", "pipe", "pipe"] });
  const bytes = readFileSync(source);
  const parts: Buffer[] = [];
  const came = new Promise<void>((resolve) => {
    child.stdout.on("data", (part: Buffer) => {
      parts.push(part);
      if (Buffer.concat(parts).length > 24) resolve();
    });
  });
  child.stdin.write(bytes.subarray(0, 300));
  await came;
  child.stdin.end(bytes.subarray(300));
  assert.equal(await new Promise((resolve) => child.on("close", resolve)), 0);
  assert.deepEqual(Buffer.concat(parts), bytes);
});

test("SIGINT ends it with what was read by then, and says that the rest is missing", async () => {
  const child = spawn(executable, ["convert", "-", "--format", "pcap", "-o", "-"], { stdio: ["pipe", "pipe", "pipe"] });
  let error = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (error += text));
  const parts: Buffer[] = [];
  const came = new Promise<void>((resolve) => {
    child.stdout.on("data", (part: Buffer) => {
      parts.push(part);
      if (Buffer.concat(parts).length > 24) resolve();
    });
  });
  child.stdin.write(readFileSync(source).subarray(0, 300));
  await came;
  child.kill("SIGINT");
  assert.equal(await new Promise((resolve) => child.on("close", resolve)), 1);
  child.stdin.destroy();
  writeFileSync(file("interrupted.pcap"), Buffer.concat(parts));
  const { frames, capture } = await framesOf(file("interrupted.pcap"));
  assert.equal(capture.damage, undefined);
  assert.ok(frames.length > 0);
  assert.equal(
    error,
    "socklens: interrupted: what comes behind the last packet that was written is missing\n" +
      `socklens: ${frames.length} packet${frames.length === 1 ? "" : "s"} written\n`,
  );
});

test("a full disk is told, with exit code 1", () => {
  const { status, stderr } = spawnSync("sh", ["-c", '"$1" convert "$2" -o - >/dev/full', "sh", executable, source]);
  assert.equal(status, 1);
  assert.equal(stderr.toString(), "socklens: the disk is full\n");
});

test("a reader that is slower than we is waited for", () => {
  const shots = Array.from({ length: 4000 }, (_, at) => ({ at, bytes: sampleFrames().udpIpv4 }));
  const long = writePcap(file("long.pcap"), shots);
  // Several times what a pipe holds, before anybody reads.
  const { stdout, stderr } = spawnSync("sh", [
    "-c",
    '"$1" convert "$2" --format pcap -o - | (sleep 2; cat)',
    "sh",
    executable,
    long,
  ]);
  assert.equal(stderr.toString(), "socklens: 4,000 packets written\n");
  assert.ok(stdout.equals(readFileSync(long)));
});

test("a pipe that pauses is waited for", () => {
  const feed = 'head -c 300 "$1"; sleep 2; tail -c +301 "$1"';
  const { stdout, stderr } = spawnSync("sh", [
    "-c",
    `(${feed}) | "$2" convert - --format pcap -o -`,
    "sh",
    source,
    executable,
  ]);
  assert.equal(stderr.toString(), `socklens: ${count} packets written\n`);
  assert.deepEqual(stdout, readFileSync(source));
});

test("of a pipe a connection's packets are taken from when it matches", async () => {
  const datagram = (length: number): Uint8Array => overUdp(2222, "00".repeat(length));
  const late = writePcap(
    file("late.pcap"),
    [10, 900, 11].map((length, index) => ({ at: index * 1e9, bytes: datagram(length) })),
  );
  const { code } = run(["-", "--filter", "bytes>800", "-o", file("late-out.pcap")], readFileSync(late));
  assert.equal(code, 0);
  assert.deepEqual((await framesOf(file("late-out.pcap"))).frames, (await framesOf(late)).frames.slice(1));
});

test("a file is replaced only with --overwrite, and never while it is read", () => {
  writeFileSync(file("there.pcapng"), "mine");
  const refused = run([source, "-o", file("there.pcapng")]);
  assert.equal(refused.code, 1);
  assert.equal(
    refused.error,
    `socklens: cannot write ${file("there.pcapng")}: it exists: give another name, or --overwrite\n`,
  );
  assert.equal(readFileSync(file("there.pcapng"), "utf8"), "mine");
  assert.equal(run([source, "-o", file("there.pcapng"), "--overwrite"]).code, 0);
  assert.notEqual(readFileSync(file("there.pcapng"), "utf8"), "mine");

  const before = readFileSync(source);
  linkSync(source, file("same.pcap"));
  const same = run([source, "-o", file("same.pcap"), "--overwrite"]);
  assert.equal(same.code, 2);
  assert.equal(same.error, `socklens: ${source} is read and cannot be written: give another name\n`);
  assert.deepEqual(readFileSync(source), before);
});

test("what fails leaves no file behind", () => {
  writeFileSync(file("text"), "no capture");
  const { code, error } = run([file("text"), "-o", file("nothing.pcap")]);
  assert.equal(code, 1);
  assert.match(error, /is not a capture file: neither pcap nor pcapng/);
  assert.equal(existsSync(file("nothing.pcap")) || existsSync(file("nothing.pcap.jsonl")), false);
  assert.equal(run([file("absent"), "-o", file("nothing.pcap")]).code, 1);
  assert.equal(existsSync(file("nothing.pcap")), false);
});

test("a key file that is too short is a mistake, one that is long enough a key", () => {
  writeFileSync(file("short"), "123");
  const { code, error } = run([source, "--redact", "--redact-key", file("short"), "-o", file("keyed.pcap")]);
  assert.equal(code, 2);
  assert.equal(error, `socklens: --redact-key: ${file("short")} has 3 bytes; a key has 16 to 65536 bytes\n`);
  assert.equal(existsSync(file("keyed.pcap")), false);
  writeFileSync(file("long"), "x".repeat(16));
  const args = [source, "--redact", "--redact-key", file("long"), "--format", "pcap", "-o", "-"];
  assert.deepEqual(run(args).output, run(args).output);
});

test("a reader that goes away ends it without a word", async () => {
  const bytes = readFileSync(source);
  writeFileSync(file("long.pcap"), Buffer.concat([bytes, ...Array.from({ length: 400 }, () => bytes.subarray(24))]));
  const child = spawn(executable, ["convert", file("long.pcap"), "-o", "-"], { stdio: ["ignore", "pipe", "pipe"] });
  let error = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (error += text));
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(error, "");
  assert.equal(code, 0);
});

const mistakes: readonly (readonly [args: string, message: RegExp])[] = [
  ["", /^convert needs the name of a capture file/],
  ["a.pcap", /^convert needs the name of the file to write: -o FILE$/],
  ["a.pcap -o", /^-o needs a value/],
  ["- - -o b.pcap", /^standard input \(-\) can be read only once$/],
  ["a.pcap -o b.pcap --format snoop", /^--format takes pcapng, pcap, pcap-us, pcap-ns, not "snoop"$/],
  ["a.pcap -o b.pcap --redact=some", /^--redact stands alone or with prefix, not with "some"$/],
  ["a.pcap -o b.pcap --keep-payload", /^--keep-payload is for --redact$/],
  ["a.pcap -o b.pcap --redact-key k", /^--redact-key is for --redact$/],
  ["a.pcap -o b.pcap --redact --snap 3", /add --keep-payload/],
  ["a.pcap -o b.pcap --snap x", /^--snap takes a whole number/],
  ["a.pcap -o b.pcap --from 3 --to 2", /^--to is before --from$/],
  ["a.pcap -o b.pcap --filter port:", /^--filter: /],
  ["a.pcap -o b.pcap --json", /^--json means nothing to convert; see socklens help convert$/],
];

for (const [args, message] of mistakes) {
  test(`mistake: convert ${args}`, () => {
    const line = parseCommandLine(["convert", ...args.split(" ").filter((word) => word !== "")], { terminal: false });
    assert.ok(!line.ok);
    assert.match(line.message, message);
  });
}

test("standard output that is a terminal gets no capture", () => {
  const line = parseCommandLine(["convert", "a.pcap", "-o", "-"], { terminal: true });
  assert.deepEqual(line, { ok: false, message: "standard output is a terminal: pipe it, or name a file" });
});

test("--redact takes prefix as a word of its own or behind an equals sign, and no other word", () => {
  const parse = (...args: string[]): unknown => {
    const line = parseCommandLine(["convert", ...args, "-o", "out.pcap"], { terminal: false });
    return line.ok && line.command.kind === "convert" && [line.command.files, line.command.options.redact?.mode];
  };
  assert.deepEqual(parse("--redact", "prefix", "a.pcap"), [["a.pcap"], "prefix"]);
  assert.deepEqual(parse("--redact=prefix", "a.pcap"), [["a.pcap"], "prefix"]);
  assert.deepEqual(parse("--redact", "a.pcap"), [["a.pcap"], "plain"]);
  assert.deepEqual(parse("a.pcap", "--redact"), [["a.pcap"], "plain"]);
  assert.deepEqual(parse("--redact", "./prefix"), [["./prefix"], "plain"]);
});
