import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { sampleFrames } from "../wire/frames.ts";
import { firstSecond, framesOf, type Shot, writePcap } from "./captures.ts";
import { convert } from "./convert.ts";

const folder = mkdtempSync(join(tmpdir(), "socklens-convert-"));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

/** Every kind of frame, in microseconds or nanoseconds. */
const shots = (unit: number): Shot[] =>
  Object.values(sampleFrames()).map((bytes, index) => ({
    at: index * 1_000_003 * unit,
    bytes,
    ...(index % 3 === 0 && { wireLength: bytes.length + index }),
  }));

for (const [name, nanoseconds] of [
  ["microseconds", false],
  ["nanoseconds", true],
] as const) {
  test(`pcap in ${name}, through pcapng, is the same file again`, async () => {
    const source = writePcap(file(`${name}.pcap`), shots(nanoseconds ? 1 : 1000), { nanoseconds });
    assert.equal((await convert([source, "-o", file("there.pcapng")])).code, 0);
    const there = await framesOf(file("there.pcapng"));
    assert.equal(there.capture.format, "pcapng");
    assert.deepEqual(there.frames, (await framesOf(source)).frames);
    const result = await convert([file("there.pcapng"), "-o", file("back.pcap")]);
    assert.deepEqual(result, { code: 0, lines: [`${shots(1).length} packets written`] });
    assert.deepEqual(readFileSync(file("back.pcap")), readFileSync(source));
  });
}

test("a name that ends in .gz or .zst is compressed, and reads back", async () => {
  const source = writePcap(file("plain.pcap"), shots(1));
  await convert([source, "-o", file("a.pcap.gz")]);
  await convert([source, "-o", file("a.pcap.zst")]);
  assert.deepEqual(gunzipSync(readFileSync(file("a.pcap.gz"))), readFileSync(source));
  assert.deepEqual(zstdDecompressSync(readFileSync(file("a.pcap.zst"))), readFileSync(source));
  await convert([file("a.pcap.gz"), "-o", file("again.pcap")]);
  assert.deepEqual(readFileSync(file("again.pcap")), readFileSync(source));
});

test("--format says what the name does not, and how fine pcap's times are", async () => {
  const source = writePcap(file("fine.pcap"), shots(1));
  const { lines } = await convert([source, "--format", "pcap-us", "-o", file("anything")]);
  const { capture, frames } = await framesOf(file("anything"));
  assert.equal(capture.format, "pcap");
  const whole = (await framesOf(source)).frames;
  assert.deepEqual(
    frames.map((frame) => frame.slice(0, 17)),
    whole.map((frame) => frame.slice(0, 17)),
  );
  assert.match(lines[0]!, /\d+ times changed to what the file can hold$/);
  await convert([file("anything"), "--format", "pcap-ns", "-o", file("anything.pcapng")]);
  assert.equal((await framesOf(file("anything.pcapng"))).capture.format, "pcap (nanoseconds)");
});

test("several files are merged by time, and keep their interfaces in pcapng", async () => {
  const [first, ...rest] = shots(1);
  const one = writePcap(file("one.pcap"), [first!, ...rest.filter((_, index) => index % 2 === 0)]);
  const other = writePcap(
    file("other.pcap"),
    rest.filter((_, index) => index % 2 === 1),
  );
  await convert([other, one, "-o", file("merged.pcapng")]);
  const { frames, capture } = await framesOf(file("merged.pcapng"));
  assert.deepEqual(frames, (await framesOf(writePcap(file("all.pcap"), shots(1)))).frames);
  assert.equal(capture.interfaces.length, 2);
});

test("pcap refuses two link types in one line, and leaves no file that looks whole", async () => {
  const ethernet = writePcap(file("ethernet.pcap"), shots(1).slice(0, 3));
  const raw = writePcap(file("raw.pcap"), [{ at: 5, bytes: sampleFrames().tcpIpv4.subarray(14) }], { linkType: 101 });
  const { code, lines } = await convert([ethernet, raw, "-o", file("two.pcap")]);
  assert.equal(code, 2);
  assert.deepEqual(lines, ["pcap holds one link type, and there are ETHERNET and RAW: write pcapng"]);
  assert.equal(readFileSync(file("two.pcap")).length, 0);
  assert.equal((await convert([ethernet, raw, "-o", file("two.pcapng")])).code, 0);
});

test("a part by time and by number", async () => {
  const source = writePcap(
    file("part.pcap"),
    Array.from({ length: 10 }, (_, index) => ({ at: index * 1e9, bytes: Uint8Array.of(index) })),
  );
  const bytesOf = async (...args: string[]): Promise<string[]> => {
    assert.equal((await convert([source, ...args, "-o", file("part-out.pcap")])).code, 0);
    return (await framesOf(file("part-out.pcap"))).frames.map((frame) => frame.split(" ")[3] ?? "");
  };
  assert.deepEqual(await bytesOf("--from", "3", "--to", "5"), ["03", "04", "05"]);
  const at = new Date((firstSecond + 8) * 1000).toISOString();
  assert.deepEqual(await bytesOf("--from", at), ["08", "09"]);
  assert.deepEqual(await bytesOf("--packets", "2"), ["00", "01"]);
  assert.deepEqual(await bytesOf("--from", "4", "--packets", "1"), ["04"]);
});

test("--snap keeps headers whole and says what the packet was", async () => {
  const { tcpIpv4, vxlan, icmpUnreachable, lldp, arp } = sampleFrames();
  const frames = [tcpIpv4, vxlan, icmpUnreachable, lldp, arp];
  const source = writePcap(
    file("snap.pcap"),
    frames.map((bytes, at) => ({ at, bytes })),
  );
  await convert([source, "--snap", "2", "-o", file("snap-out.pcap")]);
  const lengths = (await framesOf(file("snap-out.pcap"))).frames.map((frame) => {
    const [, wire, , hex] = frame.split(" ");
    return [Number(wire), (hex ?? "").length / 2];
  });
  assert.deepEqual(lengths, [
    [tcpIpv4.length, 14 + 20 + 32 + 2],
    [vxlan.length, vxlan.length - 3],
    [icmpUnreachable.length, icmpUnreachable.length - 3],
    [lldp.length, 16],
    [arp.length, arp.length],
  ]);
});

test("a file that is cut anywhere gives what is whole, and one line", async () => {
  const source = writePcap(file("whole.pcap"), [
    { at: 1, bytes: sampleFrames().arp },
    { at: 2, bytes: Uint8Array.of(1, 2, 3) },
  ]);
  await convert([source, "-o", file("whole.pcapng")]);
  for (const name of ["whole.pcap", "whole.pcapng"]) {
    const bytes = readFileSync(file(name));
    const whole = (await framesOf(file(name))).frames;
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(file("cut"), bytes.subarray(0, length));
      const { code, lines } = await convert([file("cut"), "-o", file("cut-out.pcapng")]);
      const { frames, capture } =
        length < 4 ? { frames: [], capture: undefined } : await framesOf(file("cut-out.pcapng"));
      assert.deepEqual(frames, whole.slice(0, frames.length), `${name} ${length}`);
      if (code === 0) continue;
      assert.equal(code, 1);
      assert.ok(lines[0]!.startsWith(file("cut")), lines[0] ?? "");
      assert.ok(lines.length <= 2, lines.join("\n"));
      assert.ok(capture === undefined || frames.length > 0 || lines.length >= 1);
    }
  }
});

test("what is no capture gives one line and nothing else", async () => {
  writeFileSync(file("text"), "no capture at all");
  const { code, lines } = await convert([file("text"), "-o", file("text-out.pcapng")]);
  assert.equal(code, 1);
  assert.deepEqual(lines, [`${file("text")} is not a capture file: neither pcap nor pcapng: begins with 6e6f2063`]);
  assert.equal(readFileSync(file("text-out.pcapng")).length, 0);
});

test("capinfos, editcap and tshark accept what is written", { skip: withoutWireshark() }, async () => {
  const source = writePcap(file("accepted.pcap"), shots(1));
  for (const [name, args] of [
    ["accepted-1.pcapng", []],
    ["accepted-2.pcap", []],
    ["accepted-3.pcapng.gz", []],
    ["accepted-4.pcapng", ["--redact"]],
    ["accepted-5.pcap.zst", ["--redact", "prefix"]],
    ["accepted-6.pcapng", ["--snap", "0"]],
  ] as const) {
    await convert([source, ...args, "-o", file(name)]);
    const counted = execFileSync("capinfos", ["-cTrmM", file(name)], { encoding: "utf8" });
    assert.match(counted, new RegExp(`[,\t]${shots(1).length}\\s*$`), name);
    execFileSync("editcap", [file(name), file("edited.pcapng")]);
    const shown = execFileSync("tshark", ["-r", file(name), "-T", "fields", "-e", "frame.len"], { encoding: "utf8" });
    assert.equal(shown.trim().split("\n").length, shots(1).length, name);
  }
});

function withoutWireshark(): string | false {
  try {
    for (const name of ["capinfos", "editcap", "tshark"]) execFileSync(name, ["-v"]);
    return false;
  } catch {
    return "program missing: capinfos, editcap or tshark";
  }
}
