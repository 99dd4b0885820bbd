/** Rarer link types, header by header from their documents. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { decode, isKnownLinkType, linkType, linkTypeName, Packet } from "../../src/wire/index.ts";
import { hex, ipv4, ipv6, udp } from "./frames.ts";
import { checkPacket } from "./packet-fields.ts";

const four = ipv4("11", udp("6869"));
const six = ipv6("11", udp("6869"));
const toStation = "0802 0000 020000000002 020000000003 020000000001 0000";
const snap = (type: string, packet: string): string => `aaaa03 000000 ${type} ${packet}`;
const zeros = (count: number): string => "00".repeat(count);
const word = (value: number): string => value.toString(16).padStart(8, "0");
const half = (value: number): string => value.toString(16).padStart(4, "0");
const length = (text: string): number => hex(text).length;

/** NFLOG attribute in little-endian order. */
function attribute(type: number, value: string): string {
  const size = 4 + length(value);
  const low = (number: number): string => Buffer.from(Uint16Array.of(number).buffer).toString("hex");
  return `${low(size)} ${low(type)} ${value} ${zeros(-size & 3)}`;
}

const subframe = (packet: string): string => {
  const payload = snap("0800", packet);
  return `02000000000a 02000000000b ${half(length(payload))} ${payload}`;
};
const aggregated = (subframes: string): Uint8Array =>
  hex("8802 0000 020000000002 020000000003 020000000001 0000 8000", subframes);

const cases: Readonly<Record<string, readonly [link: number, bytes: Uint8Array, expected: Partial<Packet>]>> = {
  "Cisco HDLC": [104, hex("0f00 0800", four), { ipVersion: 4 }],
  "Cisco HDLC with direction": [205, hex("01 0f00 86dd", six), { ipVersion: 6 }],
  "PPP with direction": [204, hex("00 ff03 0021", four), { pppProtocol: 0x21 }],
  "PPP of pppd": [166, hex("01 03 0021", four), { pppProtocol: 0x21 }],
  MPLS: [219, hex("00064140", four), { mplsLabel: 100 }],
  NFLOG: [
    239,
    hex("02 00 0001", attribute(1, "0800 01 00"), attribute(8, "0006 0000 020000000001 0000"), attribute(9, four)),
    { ipVersion: 4, sourceMacOffset: 20 },
  ],
  "NFLOG, big-endian": [239, hex("0a 00 0001", `${half(4 + length(six))} 0009`, six), { ipVersion: 6 }],
  "PPI around 802.11": [
    192,
    hex("0000 0c00 69000000 02000000", toStation, snap("0800", four)),
    { sourceMacOffset: 28 },
  ],
  "PPI around Ethernet": [192, hex("0000 0800 01000000 020000000002 020000000001 0800", four), { sourceMacOffset: 14 }],
  PKTAP: [258, hex("0c000000 01000000 01000000 020000000002 020000000001 0800", four), { destinationMacOffset: 12 }],
  AVS: [163, hex("80211001 00000040", zeros(56), toStation, snap("0800", four)), { ipVersion: 4 }],
  Prism: [119, hex("44000000 90000000", zeros(136), toStation, snap("86dd", six)), { ipVersion: 6 }],
  "Prism, big-endian": [119, hex("00000044 00000090", zeros(136), toStation, snap("0800", four)), { ipVersion: 4 }],
  "AVS under Prism's number": [119, hex("80211001 00000040", zeros(56), toStation, snap("0800", four)), {}],
  "radiotap with a time, padding and a check sequence": [
    127,
    hex("0000 1100 03000000", zeros(8), "30", `88${toStation.slice(2)} 0000 0000`, snap("0800", four), "deadbeef"),
    { ipVersion: 4 },
  ],
  "radiotap with two presence words": [
    127,
    hex("0000 0d00 02000080 00000000 10", toStation, snap("0800", four), "deadbeef"),
    { ipVersion: 4 },
  ],
  "A-MSDU of one subframe": [105, aggregated(subframe(four)), { destinationMacOffset: 26, sourceMacOffset: 32 }],
};

function decoded(link: number, bytes: Uint8Array): Packet {
  const packet = new Packet();
  decode(link, bytes, bytes.length, bytes.length, packet);
  return packet;
}

for (const [name, [link, bytes, expected]] of Object.entries(cases)) {
  test(`${name}: as far as UDP`, () => {
    const packet = decoded(link, bytes);
    assert.equal(packet.stoppedAt, undefined);
    assert.partialDeepStrictEqual(packet, { ...expected, protocolNumber: 17, sourcePort: 5353, destinationPort: 53 });
    assert.deepEqual([packet.payloadLength, packet.payloadWireLength], [2, 2]);
  });

  test(`${name}: cut or changed anywhere`, () => {
    const packet = new Packet();
    for (let cut = 0; cut < bytes.length; cut++) {
      decode(link, bytes.subarray(0, cut), cut, bytes.length, packet);
      checkPacket(packet, 0, cut);
    }
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 4, 0x7f, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] = value;
        decode(link, changed, changed.length, changed.length, packet);
        checkPacket(packet, 0, changed.length);
      }
    }
  });
}

test("an A-MSDU of several subframes is not taken for its first", () => {
  const packet = decoded(105, aggregated(`${subframe(four)} 0000 ${subframe(six)}`));
  assert.equal(packet.protocolNumber, -1);
  assert.match(packet.stoppedAt ?? "", /^802\.11 A-MSDU at offset 26: several subframes, the first of \d+ bytes$/);
});

test("headers that name a link type do not nest", () => {
  const packet = decoded(192, hex("0000 0800 c0000000 0000 0800 01000000", word(0)));
  assert.equal(packet.stoppedAt, "link at offset 8: type 192 inside of another");
});

test("link types have names, and those that are decoded are known", () => {
  for (const number of Object.values(linkType)) assert.ok(isKnownLinkType(number), String(number));
  assert.deepEqual(
    [133, 189, 201, 249, 150, 60_000].map((number) => [linkTypeName(number), isKnownLinkType(number)]),
    [
      ["JUNIPER_GGSN", false],
      ["USB_LINUX", false],
      ["BLUETOOTH_HCI_H4_WITH_PHDR", false],
      ["USBPCAP", false],
      ["USER3", false],
      [undefined, false],
    ],
  );
});
