/** Files as the usual programs write them: as many frames as capinfos counts, and the same frames whatever the format. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { openCapture, PcapWriter } from "../../src/files/index.ts";
import { epochMillis } from "../../src/model/index.ts";
import { sampleFrames } from "../wire/frames.ts";

const folder = mkdtempSync(join(tmpdir(), "socklens-real-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const programs = ["capinfos", "editcap", "mergecap", "text2pcap", "tcpdump", "dumpcap"] as const;
const absent = programs.filter((name) => spawnSync("which", [name]).status !== 0);
const options = { skip: absent.length > 0 && `program missing: ${absent.join(", ")}` };

const source = join(folder, "source.pcap");

function run(program: string, args: readonly string[], input?: string): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8", ...(input !== undefined && { input }) });
  assert.equal(status, 0, `${program} ${args.join(" ")}: ${stderr}`);
}

/** Frames by capinfos. */
function counted(path: string): number {
  const { stdout, status } = spawnSync("capinfos", ["-cTrmM", path], { encoding: "utf8" });
  assert.equal(status, 0, path);
  return Number(stdout.trim().split(/[,\t]/).at(-1));
}

async function read(path: string): Promise<{ frames: string[]; format: string | undefined; links: number[] }> {
  const descriptor = openSync(path, "r");
  const reader = openCapture(descriptor);
  const frames: string[] = [];
  for await (const batch of reader.batches) {
    for (let index = 0; index < batch.count; index++) {
      frames.push(`${batch.millis(index).toFixed(3)} ${Buffer.from(batch.frame(index).bytes).toString("hex")}`);
    }
  }
  closeSync(descriptor);
  assert.equal(reader.damage, undefined, path);
  return { frames, format: reader.format, links: reader.interfaces.map(({ linkType }) => linkType) };
}

function writeSource(): void {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => void parts.push(bytes.slice()), { linkType: 1 });
  let time = 1.7e12;
  for (let round = 0; round < 5; round++) {
    for (const bytes of Object.values(sampleFrames())) writer.frame({ time: epochMillis((time += 7)), bytes });
  }
  writer.flush();
  writeFileSync(source, Buffer.concat(parts));
}

test("editcap writes every format that it knows", options, async () => {
  writeSource();
  const expected = (await read(source)).frames;
  assert.equal(expected.length, counted(source));
  for (const [type, format] of [
    ["pcap", "pcap"],
    ["nsecpcap", "pcap (nanoseconds)"],
    ["pcapng", "pcapng"],
    ["modpcap", "pcap (Kuznetzov)"],
    ["nokiapcap", "pcap (Nokia)"],
    ["rh6_1pcap", "pcap (Kuznetzov, 1999)"],
    ["suse6_3pcap", "pcap (Kuznetzov, 1999, long)"],
  ] as const) {
    const path = join(folder, type);
    run("editcap", ["-F", type, source, path]);
    const found = await read(path);
    assert.deepEqual([found.format, found.frames.length], [format, counted(path)]);
    assert.deepEqual(found.frames, expected, type);
  }
});

test("mergecap: several interfaces and link types in one file", options, async () => {
  writeSource();
  const raw = join(folder, "raw.pcap");
  const other = join(folder, "other.pcapng");
  const merged = join(folder, "merged.pcapng");
  run("editcap", ["-T", "rawip", "-F", "pcap", source, raw]);
  run("editcap", ["-F", "pcapng", "-t", "1000", source, other]);
  run("mergecap", ["-w", merged, source, raw, other]);
  const { frames, links } = await read(merged);
  assert.equal(frames.length, counted(merged));
  assert.equal(frames.length, 3 * counted(source));
  assert.deepEqual(
    links.toSorted((left, right) => left - right),
    [1, 1, 101],
  );
  // mergecap joined, not merged: the second section follows the first.
  const joined = join(folder, "joined.pcapng");
  run("mergecap", ["-a", "-w", joined, source, other]);
  assert.equal((await read(joined)).frames.length, counted(joined));
});

test("text2pcap, tcpdump and dumpcap", options, async () => {
  writeSource();
  const made = join(folder, "text.pcapng");
  run("text2pcap", ["-q", "-", made], "0000 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00\n\n0000 aa bb cc dd\n");
  const { frames } = await read(made);
  assert.equal(frames.length, counted(made));
  assert.equal(frames.length, 2);
  const written = join(folder, "tcpdump.pcap");
  run("tcpdump", ["-r", source, "-w", written, "-Z", "root"]);
  assert.equal((await read(written)).frames.length, counted(source));
  // dumpcap captures from a pipe, too.
  const captured = join(folder, "dumpcap.pcapng");
  const { status } = spawnSync("dumpcap", ["-q", "-i", "-", "-w", captured], { input: readFileSync(source) });
  assert.equal(status, 0);
  assert.equal((await read(captured)).frames.length, counted(source));
});
