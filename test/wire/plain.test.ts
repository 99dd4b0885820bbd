import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../fast-check.ts";

import { decode, decodePlain, innerPacket, Packet } from "../../src/wire/index.ts";
import { ethernet, hex, ipv4, sampleFrames, tcp, udp, udpBetween } from "./frames.ts";

const taken = [
  hex(ethernet("0800"), ipv4("06", tcp("68656c6c6f"))),
  hex(ethernet("0800"), ipv4("11", udp("68656c6c6f"))),
  hex(ethernet("0800"), ipv4("11", udpBetween(40_000, 443, "c0ffee"))),
  hex(ethernet("0800"), ipv4("11", udpBetween(40_000, 4789, "0800000000000100"))),
];

/** What the short way promises to set. */
function promised(packet: Packet): Readonly<Record<string, number | boolean>> {
  const { ipVersion, addressLength, protocolNumber, sourceAddressOffset, destinationAddressOffset } = packet;
  const { sourcePort, destinationPort, fragmentOffset, moreFragments, hasInner, tcpFlags } = packet;
  const common = { ipVersion, addressLength, protocolNumber, sourceAddressOffset, destinationAddressOffset };
  const all = { ...common, sourcePort, destinationPort, fragmentOffset, moreFragments, hasInner, tcpFlags };
  if (protocolNumber !== 6) return all;
  const { tcpSequence, tcpAcknowledgement, tcpHeaderLength, tcpWindow, payloadWireLength } = packet;
  return { ...all, tcpSequence, tcpAcknowledgement, tcpHeaderLength, tcpWindow, payloadWireLength };
}

/** Whether the short way was taken; then it must say what the long way says. */
function compare(bytes: Uint8Array, captured: number, wireLength: number, start: number, used: Packet): boolean {
  const isPlain = decodePlain(bytes, captured, wireLength, used, start);
  if (!isPlain) return false;
  const whole = new Packet();
  decode(1, bytes, captured, wireLength, whole, start);
  assert.deepEqual(promised(used), promised(whole));
  assert.equal(innerPacket(whole), undefined);
  assert.equal(whole.tunnel, "");
  assert.equal(whole.isFragment, false);
  assert.equal(whole.stopLayer, "");
  return true;
}

test("the short way takes plain TCP and UDP, and leaves tunnels, fragments and what is cut", () => {
  const used = new Packet();
  const takes = (bytes: Uint8Array, captured = bytes.length): boolean =>
    compare(bytes, captured, bytes.length, 0, used);
  assert.deepEqual(
    taken.map((bytes) => takes(bytes)),
    [true, true, true, false],
  );
  const [segment = new Uint8Array(0)] = taken;
  assert.equal(takes(segment, 54), true);
  assert.equal(takes(segment, 53), false);
  const fragment = segment.slice();
  fragment[20] = 0x20;
  assert.equal(takes(fragment), false);
  assert.equal(decodePlain(segment, segment.length, segment.length, used, 1), false);
  assert.equal(decodePlain(segment, -1, segment.length, used, 0), false);
  assert.equal(decodePlain(segment, Number.NaN, segment.length, used, 0), false);
});

test("the short way says what the long way says, whatever the frame", () => {
  const frames = [...Object.values(sampleFrames()), ...taken];
  const used = new Packet();
  let count = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...frames),
      fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 3 }),
      fc.nat(20),
      fc.option(fc.nat(120), { nil: undefined, freq: 2 }),
      fc.nat(40),
      (frame, changes, before, cut, longer) => {
        const bytes = new Uint8Array(before + frame.length + 5).fill(0x45);
        bytes.set(frame, before);
        for (const [at, value] of changes) if (at < frame.length) bytes[before + at] = value;
        const captured = Math.min(cut ?? frame.length, frame.length);
        if (compare(bytes, captured, frame.length + longer - 20, before, used)) count++;
      },
    ),
    { numRuns: 20_000 },
  );
  assert.ok(count > 500, `the short way was taken ${count} times`);
});
