/**
 * Fuzzes what a conversion does with frames and blocks, with mutated frames and files, seeded, so that a seed gives the same
 * inputs again. Finds: anything thrown, a byte outside the frame that changed, an address of a frame that is still there
 * after redaction, a file that was written and does not read back whole or with other frames.
 *
 *     node fuzz/convert.ts [--inputs N] [--seed N]
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { BlockRedaction } from "../src/app/convert/block-redaction.ts";
import { LeftOut } from "../src/app/convert/left-out.ts";
import { PcapngTarget } from "../src/app/convert/pcapng-target.ts";
import { RecordCopier } from "../src/app/convert/record-copier.ts";
import { pseudonymKey } from "../src/app/convert/redaction-key.ts";
import { CaptureParser, FrameBatch, type RawBlock } from "../src/files/index.ts";
import { FrameRedactor, headersEnd, Pseudonyms } from "../src/redact/index.ts";
import { decode, linkType, Packet } from "../src/wire/index.ts";
import { sampleFrames } from "../test/wire/frames.ts";
import { guarded, mutate, Random, sampleFiles } from "./wire.ts";

const pseudonyms = new Pseudonyms(pseudonymKey(new Uint8Array(32).fill(1)), "plain");
const margin = 16;

/** The addresses of a packet and of those inside it, as they stand or as their pseudonyms are. */
function addressesOf(outermost: Packet, map: boolean): string[] {
  const found: string[] = [];
  for (let packet: Packet | undefined = outermost; packet !== undefined;) {
    const { bytes, addressLength, sourceAddressOffset, destinationAddressOffset } = packet;
    for (const at of packet.ipVersion === 0 ? [] : [sourceAddressOffset, destinationAddressOffset]) {
      const address = bytes.slice(at, at + addressLength);
      if (map) pseudonyms.address(address, 0, addressLength);
      found.push(Buffer.from(address).toString("hex"));
    }
    packet = packet.hasInner ? packet.inner : undefined;
  }
  return found;
}

/** Redacts `count` mutated frames; how many inputs, and how many were left out. Throws on a finding. */
export function runRedact(count: number, seed: number): { inputs: number; leftOut: number } {
  const random = new Random(seed);
  const frames = Object.values(sampleFrames());
  const links = Object.values(linkType);
  const redactors = [false, true].map((keepPayload) => new FrameRedactor({ pseudonyms, keepPayload }));
  const [packet, after, quoted] = [new Packet(), new Packet(), new Packet()];
  let leftOut = 0;
  for (let number = 0; number < count; number++) {
    const input = mutate(random, random.pick(frames), frames);
    const link = random.below(4) === 0 ? random.pick(links) : linkType.ethernet;
    const redactor = redactors[random.below(2)]!;
    const wire = input.length + random.below(3) * 100;
    guarded("redact", seed, number, input, () => {
      const bytes = new Uint8Array(input.length + 2 * margin).fill(0x5a);
      bytes.set(input, margin);
      decode(link, bytes, input.length, wire, packet, margin);
      const end = headersEnd(packet, quoted);
      assert.ok(end >= margin && end <= margin + input.length, `headers end at ${end - margin}`);
      const expected = addressesOf(packet, true);
      const kept = redactor.redact(link, bytes, margin, input.length, wire);
      assert.ok(kept >= -1 && kept <= input.length, `kept ${kept}`);
      assert.ok(
        bytes.every((byte, at) => byte === 0x5a || (at >= margin && at < margin + input.length)),
        "margin",
      );
      if (kept < 0) leftOut++;
      else {
        decode(link, bytes, kept, wire, after, margin);
        // What is inside may have been cut off.
        const found = addressesOf(after, false);
        assert.deepEqual(found, expected.slice(0, found.length));
        assert.ok(packet.ipVersion === 0 || found.length > 0, "no address");
      }
    });
  }
  return { inputs: count, leftOut };
}

interface Written {
  readonly file: Uint8Array;
  readonly frames: number;
}

/** Copies what can be read of `file` into a new one. */
function copy(file: Uint8Array, redacts: boolean): Written {
  const parts: Uint8Array[] = [];
  const leftOut = new LeftOut();
  const target = new PcapngTarget({
    write: (bytes) => void parts.push(bytes.slice()),
    sources: 1,
    records: new RecordCopier({ sources: 1, ...(redacts && { pseudonyms }) }),
    ...(redacts && { redaction: new BlockRedaction(pseudonyms, leftOut) }),
    changesFrames: redacts,
    leftOut,
  });
  const blocks: RawBlock[] = [];
  const parser = new CaptureParser({
    observer: { block: (block) => void blocks.push({ ...block, bytes: block.bytes.slice() }) },
  });
  const batch = new FrameBatch(1);
  let frames = 0;
  let given = 0;
  for (let state = parser.next(batch); state !== "end"; state = parser.next(batch)) {
    if (state === "more") {
      const room = parser.room();
      const part = file.subarray(given, given + room.length);
      room.set(part);
      given += part.length;
      if (part.length > 0) parser.filled(part.length);
      else parser.finish();
      continue;
    }
    while ((blocks[0]?.framesBefore ?? Infinity) <= frames) target.block(0, blocks.shift()!, parser.interfaces);
    if (batch.count === 1) {
      target.frame(0, batch, 0, batch.capturedLengths[0]!, parser.interfaces);
      frames++;
    }
  }
  for (const block of blocks) target.block(0, block, parser.interfaces);
  target.finish();
  return { file: Buffer.concat(parts), frames };
}

/** Copies `count` mutated files; how many inputs. Throws on a finding. */
export function runCopy(count: number, seed: number): { inputs: number; frames: number } {
  const random = new Random(seed);
  const files = sampleFiles();
  let frames = 0;
  for (let number = 0; number < count; number++) {
    const input = mutate(random, random.pick(files), files);
    guarded("copy", seed, number, input, () => {
      const written = copy(input, random.below(2) === 0);
      frames += written.frames;
      const parser = new CaptureParser();
      const batch = new FrameBatch();
      let read = 0;
      let given = 0;
      for (let state = parser.next(batch); state !== "end"; state = parser.next(batch)) {
        if (state === "frames") read += batch.count;
        else {
          const room = parser.room();
          const part = written.file.subarray(given, given + room.length);
          room.set(part);
          given += part.length;
          if (part.length > 0) parser.filled(part.length);
          else parser.finish();
        }
      }
      assert.equal(parser.damage, undefined);
      assert.equal(read, written.frames);
    });
  }
  return { inputs: count, frames };
}

function main(): void {
  const { values } = parseArgs({
    options: { inputs: { type: "string", default: "200000" }, seed: { type: "string", default: "1" } },
  });
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
  if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write("usage: fuzz/convert.ts [--inputs N] [--seed N]\n");
    process.exitCode = 2;
    return;
  }
  process.stdout.write(`redact: ${JSON.stringify(runRedact(inputs, seed))}\n`);
  process.stdout.write(`copy: ${JSON.stringify(runCopy(Math.max(1, Math.floor(inputs / 10)), seed))}\n`);
}

if (import.meta.main) main();
