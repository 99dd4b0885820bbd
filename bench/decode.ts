/**
 * Packets a second of the decoder, on made-up frames of the usual kinds, against a control that only touches the bytes
 * the decoder reads (every byte of the first 54); and of reading capture files with and without decoding them.
 *
 *     node bench/decode.ts [--packets N] [--rounds N]
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { CaptureFileReader, FrameBatch, PcapngWriter, PcapWriter } from "../src/files/index.ts";
import { epochMillis } from "../src/model/index.ts";
import { decode, Packet } from "../src/wire/index.ts";
import { sampleFrames } from "../test/wire/frames.ts";

const { values } = parseArgs({
  options: { packets: { type: "string", default: "4000000" }, rounds: { type: "string", default: "5" } },
});
const packets = positive(values.packets, "--packets");
const rounds = positive(values.rounds, "--rounds");

function positive(text: string, name: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`${name} needs a positive whole number, not "${text}"\n`);
  process.exit(2);
}

interface Loop {
  readonly name: string;
  /** Runs over `count` packets and returns something that depends on them, so that nothing is optimized away. */
  readonly run: (count: number) => number;
}

/** Frames back to back in one buffer, as a ring or a file gives them. */
function arena(frames: readonly Uint8Array[]): { bytes: Uint8Array; offsets: Uint32Array; lengths: Uint32Array } {
  const copies = 64;
  const total = frames.reduce((sum, frame) => sum + frame.length, 0) * copies;
  const bytes = new Uint8Array(total);
  const offsets = new Uint32Array(frames.length * copies);
  const lengths = new Uint32Array(frames.length * copies);
  let at = 0;
  for (let index = 0; index < offsets.length; index++) {
    const frame = frames[index % frames.length]!;
    bytes.set(frame, at);
    offsets[index] = at;
    lengths[index] = frame.length;
    at += frame.length;
  }
  return { bytes, offsets, lengths };
}

function controlLoop(frames: readonly Uint8Array[]): Loop {
  const { bytes, offsets, lengths } = arena(frames);
  return {
    name: "control: add up 54 bytes",
    run: (count) => {
      let sum = 0;
      for (let done = 0, index = 0; done < count; done++) {
        const start = offsets[index]!;
        const end = start + Math.min(lengths[index]!, 54);
        for (let at = start; at < end; at++) sum = (sum + bytes[at]!) | 0;
        index = index + 1 === offsets.length ? 0 : index + 1;
      }
      return sum;
    },
  };
}

function decodeLoop(name: string, frames: readonly Uint8Array[]): Loop {
  const { bytes, offsets, lengths } = arena(frames);
  const packet = new Packet();
  return {
    name,
    run: (count) => {
      let sum = 0;
      for (let done = 0, index = 0; done < count; done++) {
        const length = lengths[index]!;
        decode(1, bytes, length, length, packet, offsets[index]);
        sum = (sum + packet.payloadOffset + packet.sourcePort) | 0;
        index = index + 1 === offsets.length ? 0 : index + 1;
      }
      return sum;
    },
  };
}

function fileLoop(name: string, path: string, decoding: boolean): Loop {
  const batch = new FrameBatch();
  const packet = new Packet();
  return {
    name,
    run: (count) => {
      let sum = 0;
      const descriptor = openSync(path, "r");
      const reader = new CaptureFileReader(descriptor);
      while (reader.next(batch)) {
        for (let index = 0; index < batch.count; index++) {
          const captured = batch.capturedLengths[index]!;
          if (decoding) {
            decode(
              batch.linkTypes[index]!,
              batch.bytes,
              captured,
              batch.wireLengths[index]!,
              packet,
              batch.offsets[index],
            );
            sum = (sum + packet.payloadOffset) | 0;
          } else sum = (sum + captured) | 0;
        }
      }
      closeSync(descriptor);
      if (reader.frames !== count) throw new Error(`${path}: ${reader.frames} frames, not ${count}`);
      return sum;
    },
  };
}

function writeCapture(path: string, format: "pcap" | "pcapng", frames: readonly Uint8Array[], count: number): void {
  const descriptor = openSync(path, "w");
  const write = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
  };
  const writer = format === "pcap" ? new PcapWriter(write, { linkType: 1 }) : new PcapngWriter(write);
  if (writer instanceof PcapngWriter) writer.addInterface({ linkType: 1 });
  for (let index = 0; index < count; index++) {
    const bytes = frames[index % frames.length]!;
    writer.frame({ time: epochMillis(0), seconds: 1.7e9, nanoseconds: index % 1e9, bytes, interfaceIndex: 0 });
  }
  writer.flush();
  closeSync(descriptor);
}

/** Best packets a second of each loop; the rounds are interleaved, so that a noisy host hits all alike. */
function measure(loops: readonly Loop[], count: number): Map<string, number> {
  const best = new Map<string, number>();
  for (let round = 0; round <= rounds; round++) {
    for (const loop of loops) {
      const start = process.hrtime.bigint();
      sink += loop.run(count);
      const rate = count / (Number(process.hrtime.bigint() - start) / 1e9);
      // The first round warms up.
      if (round > 0 && rate > (best.get(loop.name) ?? 0)) best.set(loop.name, rate);
    }
  }
  return best;
}

let sink = 0;

function print(title: string, loops: readonly Loop[], rates: ReadonlyMap<string, number>): void {
  const base = rates.get(loops[0]!.name)!;
  process.stdout.write(
    `\n${title.padEnd(44)} ${"packets/s".padStart(12)} ${"ns each".padStart(8)} ${"ratio".padStart(6)}\n`,
  );
  for (const { name } of loops) {
    const rate = rates.get(name)!;
    const each = (1e9 / rate).toFixed(1);
    process.stdout.write(
      `${name.padEnd(44)} ${Math.round(rate).toLocaleString("en").padStart(12)} ${each.padStart(8)} ${(rate / base).toFixed(2).padStart(6)}\n`,
    );
  }
}

const kinds = sampleFrames();
const plain = [kinds.tcpIpv4, kinds.udpIpv4, kinds.tcpIpv6, kinds.tcpIpv4];
const all = Object.values(kinds);
const memory: readonly Loop[] = [
  controlLoop(plain),
  decodeLoop("decode: TCP over IPv4 with timestamps", [kinds.tcpIpv4]),
  decodeLoop("decode: UDP over IPv4", [kinds.udpIpv4]),
  decodeLoop("decode: TCP over IPv6", [kinds.tcpIpv6]),
  decodeLoop("decode: these three mixed", plain),
  decodeLoop(`decode: all ${all.length} kinds mixed`, all),
];
print("from memory", memory, measure(memory, packets));

const folder = mkdtempSync(join(tmpdir(), "socklens-bench-"));
try {
  const count = Math.max(1, Math.floor(packets / 4));
  const pcap = join(folder, "bench.pcap");
  const pcapng = join(folder, "bench.pcapng");
  writeCapture(pcap, "pcap", plain, count);
  writeCapture(pcapng, "pcapng", plain, count);
  const files: readonly Loop[] = [
    fileLoop("pcap: read", pcap, false),
    fileLoop("pcap: read and decode", pcap, true),
    fileLoop("pcapng: read", pcapng, false),
    fileLoop("pcapng: read and decode", pcapng, true),
  ];
  print("from a file", files, measure(files, count));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`\nbest of ${rounds} interleaved rounds, one core; check value ${sink | 0}\n`);
