/**
 * What a flow is found to be depends on its own bytes: flows of several captures are mixed with each other and with noise, and
 * each must be found to be what it is alone. Exceptions are declared ones: names that DNS gives to addresses, and flows
 * that others announce (FTP data, TFTP, RTP), both of which stay within a capture here.
 */
import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { cryptography } from "../../src/app/cryptography.ts";
import { createInspectorFactory, portHint } from "../../src/dissect/index.ts";
import { CaptureFileReader, FrameBatch } from "../../src/files/index.ts";
import { createFlowEngine } from "../../src/flow/index.ts";
import { epochMillis, type Connection, type Host } from "../../src/model/index.ts";
import { buildFrame } from "./frames.ts";

interface Captured {
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

const fixtures = join(import.meta.dirname, "../dissect/fixtures");
const start = 1_767_225_600_000;
const host: Host = {
  level: { level: "replay", missing: [] },
  processes: { lookup: () => undefined },
  interfaces: { read: () => [] },
  close() {},
};

function readFrames(file: string): Captured[] {
  const descriptor = openSync(join(fixtures, file), "r");
  const reader = new CaptureFileReader(descriptor);
  const batch = new FrameBatch();
  const frames: Captured[] = [];
  while (reader.next(batch)) {
    for (let index = 0; index < batch.count; index++) {
      const { linkType, bytes } = batch.frame(index);
      frames.push({ linkType, bytes: bytes.slice() });
    }
  }
  closeSync(descriptor);
  return frames;
}

const keyOf = ({ protocol, local, remote, tunnel }: Connection): string =>
  [protocol, tunnel, ...[`${local.address} ${local.port}`, `${remote.address} ${remote.port}`].sort()].join(" ");

/** What each flow of the frames was found to be. A tuple that came twice has both. */
function findAll(frames: readonly Captured[]): Map<string, string> {
  const engine = createFlowEngine({ host, createInspectors: createInspectorFactory, crypto: cryptography, portHint });
  let now = start;
  for (const { linkType, bytes } of frames) {
    now += 1;
    const time = epochMillis(now);
    engine.ingestFrame({
      time,
      linkType,
      interfaceIndex: 0,
      direction: "unknown",
      bytes,
      wireLength: bytes.length,
      vlan: 0,
    });
  }
  const found = new Map<string, string>();
  for (const row of engine.tick(epochMillis(now)).connections) {
    const key = keyOf(row);
    found.set(key, (found.get(key) ?? "") + JSON.stringify(row.application ?? null));
  }
  return found;
}

const captures = readdirSync(fixtures)
  .filter((name) => name.endsWith(".pcap"))
  .sort()
  .map((name) => {
    const frames = readFrames(name);
    return { name, frames, alone: findAll(frames) };
  });

/** Frames of flows that are in no capture: random payload, and later fragments of datagrams nobody saw begin. */
const noise = fc.record({
  protocol: fc.constantFrom("tcp" as const, "udp" as const),
  source: fc.constantFrom("198.51.100.1", "2001:db8:ffff::1"),
  sourcePort: fc.integer({ min: 1, max: 65_535 }),
  destinationPort: fc.constantFrom(53, 80, 443, 5060, 21, 9999),
  payload: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  fragment: fc.constantFrom(undefined, undefined, "1480+"),
  id: fc.nat(65_535),
});

test("a flow is found to be the same alone and between others", () => {
  const identified = captures.filter(({ alone }) =>
    [...alone.values()].some((found) => found.includes('"by":"payload"')),
  );
  assert.ok(identified.length > 40, `${identified.length} captures with something to be found`);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(captures, { minLength: 2, maxLength: 6 }),
      fc.array(noise, { maxLength: 40 }),
      fc.infiniteStream(fc.nat(1 << 20)),
      (chosen, strangers, choice) => {
        // Fixtures were made one by one: the same tuple in two of them is one flow only by chance.
        const taken = new Set<string>();
        const mixed = chosen.filter(({ alone }) => {
          const keys = [...alone.keys()];
          if (keys.some((key) => taken.has(key))) return false;
          for (const key of keys) taken.add(key);
          return true;
        });
        const noisy = strangers.map(({ fragment, source, ...text }): Captured => {
          const destination = source.includes(":") ? "2001:db8:ffff::2" : "198.51.100.2";
          const fragmented = fragment === undefined || source.includes(":") ? {} : { fragment };
          return { linkType: 1, bytes: buildFrame({ ...text, ...fragmented, source, destination }) };
        });
        const queues = [...mixed.map(({ frames }) => frames), noisy].map((frames) => ({ frames, at: 0 }));
        const all: Captured[] = [];
        for (let left = queues.filter(({ frames }) => frames.length > 0); left.length > 0;) {
          const queue = left[choice.next().value % left.length]!;
          all.push(queue.frames[queue.at++]!);
          left = left.filter(({ frames, at }) => at < frames.length);
        }
        const found = findAll(all);
        for (const { name, alone } of mixed) {
          for (const [key, application] of alone) assert.equal(found.get(key), application, `${name}: ${key}`);
        }
      },
    ),
    { numRuns: 60 },
  );
});
