import assert from "node:assert/strict";

import type { Packet } from "../../src/wire/index.ts";

type Fields = Record<string, unknown>;

const lengthsAt: Readonly<Record<string, (packet: Packet) => number>> = {
  sourceMacOffset: () => 6,
  destinationMacOffset: () => 6,
  arpSenderMacOffset: () => 6,
  arpTargetMacOffset: () => 6,
  arpSenderAddressOffset: () => 4,
  arpTargetAddressOffset: () => 4,
  networkOffset: () => 0,
  sourceAddressOffset: (packet) => packet.addressLength,
  destinationAddressOffset: (packet) => packet.addressLength,
  transportOffset: () => 0,
  quotedOffset: () => 0,
  innerOffset: () => 0,
  ndpTargetOffset: () => 16,
  ndpSourceMacOffset: () => 6,
  ndpTargetMacOffset: () => 6,
  multicastGroupOffset: (packet) => packet.multicastGroupLength,
  payloadOffset: (packet) => packet.payloadLength,
};

/** Everything a packet says, offsets counted from the frame's start, so that two decodings can be compared. */
export function fieldsOf(packet: Packet, frameStart: number): Fields {
  const fields: Fields = {};
  for (const [name, value] of Object.entries(packet)) {
    if (name === "bytes" || name === "inner" || name === "frameStart" || name.startsWith("stop")) continue;
    const isOffset = name === "start" || name.endsWith("End") || name in lengthsAt;
    fields[name] = isOffset && typeof value === "number" && value >= 0 ? value - frameStart : value;
  }
  fields["stoppedAt"] = packet.stoppedAt;
  fields["inner"] = packet.hasInner && packet.inner !== undefined ? fieldsOf(packet.inner, frameStart) : undefined;
  return fields;
}

/** What holds for every packet, whatever the input was: offsets lie inside the captured frame, lengths are not negative. */
export function checkPacket(packet: Packet, frameStart: number, capturedLength: number): void {
  const frameEnd = frameStart + capturedLength;
  let depth = 0;
  for (let at: Packet | undefined = packet; at !== undefined; at = at.hasInner ? at.inner : undefined) {
    assert.ok(++depth <= 5, "nesting");
    assert.ok(at.start >= frameStart && at.capturedEnd <= frameEnd, `captured end ${at.capturedEnd} of ${frameEnd}`);
    assert.ok(at.wireEnd >= at.capturedEnd, `wire end ${at.wireEnd} below captured end ${at.capturedEnd}`);
    for (const [name, value] of Object.entries(at)) {
      if (typeof value === "number") assert.ok(Number.isSafeInteger(value), `${name} is ${value}`);
      const length = lengthsAt[name];
      if (length === undefined || value === -1) continue;
      const end: number = value + length(at);
      assert.ok(value >= at.start && end <= frameEnd, `${name} ${value} to ${end} outside ${at.start} to ${frameEnd}`);
    }
    assert.ok(at.payloadLength >= 0 && at.payloadWireLength >= at.payloadLength, "payload lengths");
    assert.ok(at.ipVersion === 0 || (at.sourceAddressOffset >= 0 && at.destinationAddressOffset >= 0), "addresses");
    assert.ok(at.payloadOffset >= 0 || at.stoppedAt !== undefined, "neither payload nor a reason");
  }
}
