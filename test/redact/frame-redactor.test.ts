import assert from "node:assert/strict";
import { test } from "node:test";
import { addToChecksum, finishChecksum, pseudoHeaderSum, toHex } from "../../src/bytes/index.ts";
import { FrameRedactor, type Pseudonyms } from "../../src/redact/index.ts";
import fc from "../fast-check.ts";
import { ethernet, gtp, hex, ipv4, ipv6, overUdp, sampleFrames, tcp, tcpTimestamps, udp } from "../wire/frames.ts";
import { withChecksums, wrong } from "./checksums.ts";
import { pseudonyms } from "./key.ts";

const of: Pseudonyms = pseudonyms("plain");

function redact(frame: Uint8Array, keepPayload = false, link = 1, wire = frame.length): Uint8Array | undefined {
  const bytes = frame.slice();
  const kept = new FrameRedactor({ pseudonyms: of, keepPayload }).redact(link, bytes, 0, bytes.length, wire);
  return kept < 0 ? undefined : bytes.subarray(0, kept);
}

const includes = (bytes: Uint8Array, part: Uint8Array): boolean => Buffer.from(bytes).includes(part);

/** Addresses that stand in the sample frames. */
const addresses = [
  "0a000001",
  "c0000202",
  "0a000002",
  "20010db8",
  "c0000201",
  "3ffffdfd",
  "020000000001",
  "020000000002",
];

for (const [name, frame] of Object.entries(sampleFrames())) {
  test(`${name}: no address of the frame is left in it`, () => {
    const redacted = redact(frame);
    assert.ok(redacted !== undefined);
    for (const address of addresses)
      assert.equal(includes(redacted, hex(address)), false, `${address} in ${toHex(redacted)}`);
  });

  test(`${name}: right checksums stay right, wrong ones as wrong as they were`, () => {
    const right = withChecksums(frame);
    assert.deepEqual(
      wrong(right).filter((sum) => sum !== 0),
      [],
    );
    const redacted = redact(right, true)!;
    if (redacted.length === right.length) {
      assert.deepEqual(wrong(redacted), wrong(right));
      assert.deepEqual(wrong(redact(frame, true)!), wrong(frame));
    } else {
      assert.ok(redacted.length < right.length);
    }
  });

  test(`${name}: cut anywhere, it gives no more than what it has, and no address`, () => {
    for (let length = 0; length < frame.length; length++) {
      const redacted = redact(frame.subarray(0, length), false, 1, frame.length);
      assert.ok(redacted === undefined || redacted.length <= length);
      for (const address of addresses) assert.equal(includes(redacted ?? new Uint8Array(), hex(address)), false);
    }
  });
}

test("headers stay and the payload goes, unless it is to be kept", () => {
  const { tcpIpv4, vxlan, icmpUnreachable, lldp } = sampleFrames();
  assert.equal(redact(tcpIpv4)!.length, 14 + 20 + 32);
  assert.equal(redact(tcpIpv4, true)!.length, tcpIpv4.length);
  assert.equal(redact(vxlan)!.length, vxlan.length - 5);
  assert.equal(redact(icmpUnreachable)!.length, icmpUnreachable.length - 5);
  assert.equal(redact(lldp, true)!.length, 14);
});

test("a checksum that the network card was to finish stays one", () => {
  const frame = hex(ethernet("0800"), ipv4("06", tcpTimestamps("00".repeat(40))));
  const sum = pseudoHeaderSum(frame, 26, 30, 4, 6, frame.length - 34);
  const unfinished = ~finishChecksum(sum) & 0xffff;
  frame.set([unfinished >> 8, unfinished & 0xff], 34 + 16);
  const redacted = redact(frame, true)!;
  const expected = ~finishChecksum(pseudoHeaderSum(redacted, 26, 30, 4, 6, frame.length - 34)) & 0xffff;
  assert.equal((redacted[50]! << 8) | redacted[51]!, expected);
});

test("the address in options of IPv4 and TCP, and in neighbour discovery, is gone", () => {
  const secret = "c0a80177";
  const route = hex(ethernet("0800"), `46 00 002c 1234 4000 40 06 0000 0a000001 c0000202 83 04 04 00`, tcp(""));
  const recorded = hex(
    ethernet("0800"),
    `47 00 0030 1234 4000 40 06 0000 0a000001 c0000202 07 07 08 ${secret} 00`,
    tcp(""),
  );
  const multipath = hex(
    ethernet("0800"),
    ipv4("06", `c350 01bb 01020304 fffefdfc 80 18 0200 0000 0000 1e 08 34 05 ${secret} 01 01 01 00`),
  );
  assert.equal(toHex(redact(route)!.subarray(34, 38)), "01010101");
  for (const frame of [recorded, multipath]) assert.equal(includes(redact(frame)!, hex(secret)), false);
  assert.equal(toHex(redact(recorded)!.subarray(34, 42)), "0101010101010100");
  const advertised = "20010db8000000000000000000000abc";
  const advertisement = hex(
    ethernet("86dd"),
    ipv6(
      "3a",
      `86 00 0000 40 00 0708 00000000 00000000 03 04 40 c0 00000001 00000002 00000000 ${advertised} 19 03 0000 00000007 ${advertised} 1f 02 0000 00000007 03666f6f00000000`,
    ),
  );
  const redacted = redact(advertisement)!;
  assert.equal(includes(redacted, hex(advertised)), false);
  // The list of search domains is not kept, the prefix ends with zeros.
  assert.equal(redacted.length, advertisement.length - 16);
  assert.equal(toHex(redacted.subarray(14 + 40 + 16 + 24, 14 + 40 + 16 + 32)), "00".repeat(8));
});

test("what options and extensions of tunnels hold is gone, and padding that could hold anything", () => {
  const secret = "c0a80177";
  const inner = ipv4("06", tcp(""));
  const geneve = overUdp(6081, `02 00 0800 00002a00 0102 80 01 ${secret} ${inner}`);
  const container = overUdp(2152, gtp("34", "ff", `0000 00 81 02 ${secret} 0000 00 ${inner}`));
  const session = overUdp(2152, gtp("34", "ff", `0000 00 85 01 1009 00 ${inner}`));
  const padded = overUdp(
    1701,
    `4202 ${(hex(inner).length + 18).toString(16).padStart(4, "0")} 0007 0009 0004 ${secret} ff03 0021 ${inner}`,
  );
  for (const [name, frame] of Object.entries({ geneve, container, padded })) {
    assert.equal(includes(frame, hex(secret)), true, name);
    assert.equal(includes(redact(frame)!, hex(secret)), false, `${name}: ${toHex(redact(frame)!)}`);
  }
  assert.equal(redact(geneve)!.length, geneve.length);
  assert.equal(redact(container)!.length, container.length);
  assert.equal(redact(padded)!.length, 14 + 20 + 8);
  assert.equal(toHex(redact(session)!.subarray(42 + 12, 42 + 16)), "01100900");
});

test("routes of IPv6 keep their form and the checksum, which is about where they end, its rightness", () => {
  const [first, last] = ["20010db80000000000000000000000aa", "20010db80000000000000000000000bb"];
  const payload = udp("68656c6c6f");
  const routes: readonly (readonly [route: string, final: string])[] = [
    [`11 04 00 02 00000000 ${first} ${last}`, last],
    [`11 02 02 01 00000000 ${last}`, last],
    // Segment routing: segments from the last on, and a TLV.
    [`11 05 04 01 01000000 ${last} ${first} 05 06 c0a801770000`, last],
    [`11 02 00 00 00000000 ${first}`, "20010db8000000000000000000000002"],
  ];
  for (const [route, final] of routes) {
    const frame = hex(ethernet("86dd"), ipv6("2b", `${route} ${payload}`));
    const start = frame.length - hex(payload).length;
    const sumOf = (bytes: Uint8Array, destination: Uint8Array): number => {
      const pseudo = Uint8Array.from([...bytes.subarray(22, 38), ...destination]);
      return finishChecksum(addToChecksum(pseudoHeaderSum(pseudo, 0, 16, 16, 17, frame.length - start), bytes, start));
    };
    const sum = sumOf(frame, hex(final));
    frame.set([sum >> 8, sum & 0xff], start + 6);
    const redacted = redact(frame, true)!;
    assert.equal(redacted.length, frame.length, route);
    for (const address of [first, last, "c0a80177"]) assert.equal(includes(redacted, hex(address)), false);
    const destination = hex(final);
    of.ipv6(destination, 0);
    assert.equal(sumOf(redacted, destination), 0, route);
  }
  // Of another type nothing is known.
  const other = hex(ethernet("86dd"), ipv6("2b", `11 02 03 01 00000000 ${first} ${payload}`));
  assert.equal(redact(other)!.length, 14 + 40);
});

test("a group's hardware address names the pseudonym of its group", () => {
  const frame = hex(
    "01005e010203 020000000001 0800",
    "45 00 001c 1234 4000 40 11 0000 0a000001 ef010203",
    udp("").slice(0, 23),
  );
  const redacted = redact(frame)!;
  assert.deepEqual(redacted.subarray(4, 6), redacted.subarray(32, 34));
  assert.equal(redacted[3], redacted[31]! & 0x7f);
  assert.equal(toHex(redacted.subarray(0, 3)), "01005e");
});

test("cooked captures, 802.11 data and raw IP are redacted, links that nobody knows are left out", () => {
  const inner = ipv4("06", tcp("00"));
  const cooked = hex("0004 0001 0006 020000000001 0000 0800", inner);
  const tunnel = hex("0004 0308 0004 c0a80177 00000000 0800", inner);
  const wireless = hex("0802 0000 020000000001 020000000002 020000000001 0000 aaaa03 000000 0800", inner);
  const frames: readonly (readonly [number, Uint8Array])[] = [
    [113, cooked],
    [113, tunnel],
    [105, wireless],
    [101, hex(inner)],
    [0, hex("02000000", inner)],
  ];
  for (const [link, frame] of frames) {
    const redacted = redact(frame, false, link)!;
    assert.equal(redacted.length, frame.length - 1, `link ${link}`);
    for (const address of [...addresses, "c0a80177"])
      assert.equal(includes(redacted, hex(address)), false, `link ${link}`);
  }
  assert.equal(redact(hex("8000 0000 ffffffffffff 020000000001 020000000001 0000 00"), false, 105), undefined);
  assert.equal(redact(cooked, false, 189), undefined);
});

test("redacting never fails nor writes outside the frame, whatever it holds", () => {
  const frames = Object.values(sampleFrames());
  const arbitrary = fc.tuple(
    fc.nat(frames.length - 1),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
    fc.constantFrom(0, 1, 9, 12, 51, 101, 104, 105, 113, 127, 166, 204, 219, 228, 229, 276),
    fc.boolean(),
  );
  fc.assert(
    fc.property(arbitrary, ([which, changes, link, keepPayload]) => {
      const frame = frames[which]!;
      const bytes = new Uint8Array(frame.length + 32).fill(0x5a);
      bytes.set(frame, 16);
      for (const [at, value] of changes) bytes[16 + (at % frame.length)] = value;
      const kept = new FrameRedactor({ pseudonyms: of, keepPayload }).redact(
        link,
        bytes,
        16,
        frame.length,
        frame.length,
      );
      assert.ok(kept >= -1 && kept <= frame.length);
      assert.ok(bytes.subarray(0, 16).every((byte) => byte === 0x5a));
      assert.ok(bytes.subarray(16 + frame.length).every((byte) => byte === 0x5a));
    }),
    { numRuns: 2000 },
  );
});

test("a datagram without a checksum gets none", () => {
  const redacted = redact(overUdp(53, "00"), true)!;
  assert.equal(toHex(redacted.subarray(40, 42)), "0000");
});

test("options of another length than theirs are gone, whatever they call themselves", () => {
  const hidden = "c0a80177";
  const tcpOption = hex(
    ethernet("0800"),
    ipv4("06", `c350 01bb 01020304 fffefdfc 70 18 0200 0000 0000 03 08 ${hidden} 0000`),
  );
  const ipv4Option = hex(
    ethernet("0800"),
    `47 00 0030 1234 4000 40 06 0000 0a000001 c0000202 94 08 ${hidden} 0000`,
    tcp(""),
  );
  const ipv6Option = hex(ethernet("86dd"), ipv6("00", `11 00 05 04 ${hidden} ${udp("")}`));
  for (const frame of [tcpOption, ipv4Option, ipv6Option]) {
    const redacted = redact(frame, true)!;
    assert.equal(redacted.length, frame.length);
    assert.equal(includes(redacted, hex(hidden)), false, toHex(redacted));
  }
});

test("what is kept of a payload holds no later fragment of a control message or tunnel", () => {
  const hidden = "20010db80000000000000000000000aa";
  const later = (protocol: string): Uint8Array =>
    hex(ethernet("86dd"), ipv6("2c", `${protocol} 00 0008 00000001 ${hidden}`));
  assert.equal(redact(later("11"), true)!.length, later("11").length);
  for (const protocol of ["3a", "29", "2f", "59"]) {
    assert.equal(redact(later(protocol), true)!.length, 14 + 40 + 8, protocol);
  }
  const laterIpv4 = hex(ethernet("0800"), ipv4("02", "c0a80177 c0a80178", "0001"));
  assert.equal(redact(laterIpv4, true)!.length, 34);
});

test("an error's quotation ends where the error says so: interfaces are told behind it", () => {
  const quoted = ipv4("11", udp("00".repeat(1000)));
  const first = quoted.replaceAll(" ", "").slice(0, 256);
  // Length of the quotation 32 words; extension version 2; an object that tells an interface's address.
  const told = `2000 0000 000c 0204 0001 0000 c0a80177`;
  const error = hex(ethernet("0800"), ipv4("01", `0b 00 0000 00 20 0000 ${first} ${told}`));
  const redacted = redact(error, true)!;
  assert.equal(redacted.length, error.length - 16);
  assert.equal(includes(redacted, hex("c0a80177")), false);
});

test("behind an authentication header in IPv4 nothing of IPv6 is passed over", () => {
  const hidden = "20010db80000000000000000000000aa";
  const frame = hex(
    ethernet("0800"),
    ipv4("33", `2b 01 0000 00000001 00000002 11 02 00 00 00000000 ${hidden} ${udp("")}`),
  );
  assert.equal(redact(frame, true)!.length, 34);
  const usual = hex(ethernet("0800"), ipv4("33", `11 01 0000 00000001 00000002 ${udp("6869")}`));
  assert.equal(redact(usual, true)!.length, usual.length);
});
