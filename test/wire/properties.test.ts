import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import fc from "../fast-check.ts";

import {
  decode,
  decodeQuoted,
  fragmentKey,
  linkType,
  Packet,
  protocolName,
  protocolNumberOf,
} from "../../src/wire/index.ts";
import { runDecode } from "../../fuzz/wire.ts";
import { hex, sampleFrames } from "./frames.ts";
import { checkPacket, fieldsOf } from "./packet-fields.ts";

const link = fc.oneof(fc.constantFrom(...Object.values(linkType)), fc.integer({ min: 0, max: 0xffff }));
const frames = Object.entries(sampleFrames());

test("arbitrary bytes never throw, and every offset lies inside the frame", () => {
  const packet = new Packet();
  const quoted = new Packet();
  fc.assert(
    fc.property(link, fc.uint8Array({ maxLength: 200 }), fc.nat(300), fc.nat(300), (type, bytes, captured, wire) => {
      decode(type, bytes, captured, wire, packet);
      checkPacket(packet, 0, Math.min(captured, bytes.length));
      decodeQuoted(packet, quoted);
      fragmentKey(packet);
      assert.ok(protocolName(protocolNumberOf(packet)).length > 0);
    }),
    { numRuns: 3000 },
  );
});

test("lengths and starts that make no sense are cut to what is there", () => {
  const packet = new Packet();
  const bytes = new Uint8Array(60);
  for (const captured of [-1, Number.NaN, 1e12, 0.5]) {
    for (const start of [-5, 61, Number.NaN]) {
      decode(1, bytes, captured, captured, packet, start);
      assert.ok(packet.capturedEnd <= 60 && packet.start === 0, `captured ${captured}, start ${start}`);
    }
  }
});

test("nothing outside the frame has any influence on what is decoded", () => {
  const alone = new Packet();
  const among = new Packet();
  fc.assert(
    fc.property(
      fc.constantFrom(...frames.map(([, bytes]) => bytes)),
      fc.nat(120),
      fc.uint8Array({ maxLength: 20 }),
      fc.uint8Array({ minLength: 1, maxLength: 120 }),
      (frame, cut, before, after) => {
        const bytes = frame.slice(0, cut);
        decode(1, bytes, bytes.length, frame.length, alone);
        const larger = new Uint8Array([...before, ...bytes, ...after]);
        decode(1, larger, bytes.length, frame.length, among, before.length);
        assert.deepEqual(fieldsOf(among, before.length), fieldsOf(alone, 0));
      },
    ),
    { numRuns: 2000 },
  );
});

/** Fields that tell how much was captured, or how far decoding came: these differ by their nature. */
const aboutTheCut = new Set([
  "capturedLength",
  "capturedEnd",
  "wireEnd",
  "payloadLength",
  "stoppedAt",
  "inner",
  "hasInner",
]);

function assertKept(
  name: string,
  cut: number,
  shorter: Record<string, unknown>,
  longer: Record<string, unknown>,
): void {
  const absent = fieldsOf(new Packet(), 0);
  for (const [field, value] of Object.entries(shorter)) {
    if (aboutTheCut.has(field) || value === absent[field]) continue;
    // An extension header's number gives way to that of the header behind it.
    if (field === "protocolNumber" && [0, 43, 44, 51, 60].includes(Number(value))) continue;
    assert.equal(
      longer[field],
      value,
      `${name} cut to ${cut}: ${field} was ${String(value)}, then ${String(longer[field])}`,
    );
  }
  const inner = shorter["inner"];
  if (inner === undefined) return;
  assert.ok(longer["inner"] !== undefined, `${name} cut to ${cut}: the inner packet is gone`);
  assertKept(`${name} inner`, cut, inner as Record<string, unknown>, longer["inner"] as Record<string, unknown>);
}

for (const [name, frame] of frames) {
  test(`${name}: cut at every length, what was decoded before the cut stays`, () => {
    const packet = new Packet();
    let shorter: Record<string, unknown> | undefined;
    for (let cut = 0; cut <= frame.length; cut++) {
      decode(linkType.ethernet, frame, cut, frame.length, packet);
      checkPacket(packet, 0, cut);
      const longer = fieldsOf(packet, 0);
      if (shorter !== undefined) assertKept(name, cut - 1, shorter, longer);
      shorter = longer;
    }
    assert.equal(packet.stoppedAt, undefined, "the whole frame decodes");
  });
}

test("frames that fuzzing once found something with decode within bounds", () => {
  const corpus = new URL("../../fuzz/corpus/wire/", import.meta.url);
  const names = readdirSync(corpus);
  assert.ok(names.length > 0);
  const packet = new Packet();
  for (const name of names) {
    const bytes = hex(readFileSync(new URL(name, corpus), "utf8"));
    for (const type of Object.values(linkType)) {
      decode(type, bytes, bytes.length, bytes.length, packet);
      checkPacket(packet, 0, bytes.length);
    }
  }
});

test("a short fuzz run over mutated frames finds nothing", () => {
  const { inputs, stopped } = runDecode(20_000, 1);
  assert.equal(inputs, 20_000);
  // The mutations reach past the first header, and they break things.
  assert.ok(stopped > 1000 && stopped < 19_000, `${stopped} of ${inputs} stopped`);
});
