import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { describe, test } from "node:test";
import { cryptography } from "../../src/app/cryptography.ts";
import { createInspectorFactory } from "../../src/dissect/index.ts";
import { deriveClientInitial, openInitial } from "../../src/dissect/quic-initial.ts";
import { quicVersion } from "../../src/dissect/quic-versions.ts";
import { fromHex, toHex } from "../../src/bytes/index.ts";
import { bytesOf, clientHello, prefixed, u16, u32 } from "./build.ts";
import { inspectMessages } from "./converse.ts";
import type { InitialKeys } from "../../src/dissect/quic-initial.ts";

/** Client's destination connection id of RFC 9001 Appendix A and RFC 9369 Appendix A. */
const destination = fromHex("8394c8f03e515708")!;

/** CRYPTO frame of RFC 9001 Appendix A.2. */
const appendixFrame = fromHex(
  "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868 04fe3a47f06a2b69484c000004130113" +
    "02010000c000000010000e00000b6578 616d706c652e636f6dff01000100000a 00080006001d00170018001000070005" +
    "04616c706e0005000501000000000033 00260024001d00209370b2c9caa47fba baf4559fedba753de171fa71f50f1ce1" +
    "5d43e994ec74d748002b000302030400 0d0010000e0403050306030203080408 050806002d00020101001c0002400100" +
    "3900320408ffffffffffffffff050480 00ffff07048000ffff08011001048000 75300901100f088394c8f03e51570806" +
    "048000ffff",
)!;

/** Seals an Initial packet as RFC 9001 section 5.3 and 5.4 say; `header` ends with a packet number of four bytes. */
function seal(header: Uint8Array, payload: Uint8Array, keys: InitialKeys): Uint8Array {
  const nonce = keys.iv.slice();
  for (let index = 0; index < 4; index++) nonce[8 + index]! ^= header[header.length - 4 + index]!;
  const cipher = createCipheriv("aes-128-gcm", keys.key, nonce);
  cipher.setAAD(header);
  const sealed = bytesOf(header, cipher.update(payload), cipher.final(), cipher.getAuthTag());
  const sample = sealed.slice(header.length, header.length + 16);
  const mask = cryptography.aes128EcbBlock(keys.headerProtection, sample);
  sealed[0]! ^= mask[0]! & 0x0f;
  for (let index = 0; index < 4; index++) sealed[header.length - 4 + index]! ^= mask[1 + index]!;
  return sealed;
}

interface Initial {
  readonly number?: number;
  readonly version?: number;
  readonly destination?: Uint8Array;
  readonly size?: number;
}

/** A client's Initial packet with these frames, padded to `size`. */
function initial(frames: Uint8Array, options: Initial = {}): Uint8Array {
  const { number = 0, version = 1, destination: id = destination, size = 1200 } = options;
  const kind = quicVersion(version)!;
  const start = bytesOf(0xc3 | (kind.initialType << 4), u32(version), prefixed(1, id), prefixed(1, "src"), 0);
  const length = size - start.length - 2;
  const payload = bytesOf(frames, new Uint8Array(length - 4 - 16 - frames.length));
  const header = bytesOf(start, u16(0x4000 | length), u32(number));
  return seal(header, payload, deriveClientInitial(kind, id, cryptography));
}

const varint2 = (value: number): Uint8Array => u16(0x4000 | value);
const crypto = (data: Uint8Array, from: number, to: number): Uint8Array =>
  bytesOf(6, varint2(from), varint2(to - from), data.subarray(from, to));

describe("vectors", () => {
  test("RFC 9001 Appendix A.1 and A.2: keys and the client's Initial packet", () => {
    const keys = deriveClientInitial(quicVersion(1)!, destination, cryptography);
    assert.equal(toHex(keys.key), "1f369613dd76d5467730efcbe3b1a22d");
    assert.equal(toHex(keys.iv), "fa044b2f42a3fd3b46fb255c");
    assert.equal(toHex(keys.headerProtection), "9f50449e04a0e810283a1e9933adedd2");
    const header = fromHex("c300000001088394c8f03e5157080000449e00000002")!;
    const payload = bytesOf(appendixFrame, new Uint8Array(1162 - appendixFrame.length));
    const packet = seal(header, payload, keys);
    // The packet as printed in A.2, from its start and at its end.
    assert.equal(
      toHex(packet, 0, 54),
      "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8bab936b47d92ec356c0bab7df5976d",
    );
    assert.equal(toHex(packet, packet.length - 16), "e221af44860018ab0856972e194cd934");
    assert.deepEqual(Uint8Array.from(openInitial(packet, 18, keys, cryptography)!), payload);
    const found = inspectMessages("udp", [[true, packet]]);
    assert.equal(found.identification?.hostname, "example.com");
    assert.deepEqual(found.identification.facts.quic?.client_alpns, ["alpn"]);
    assert.equal(found.identification.facts.quic.version, "1");
    assert.equal(found.finished, true);
  });

  test("RFC 9369 Appendix A.1 and A.2: version 2", () => {
    const keys = deriveClientInitial(quicVersion(0x6b3343cf)!, destination, cryptography);
    assert.equal(toHex(keys.key), "8b1a0bc121284290a29e0971b5cd045d");
    assert.equal(toHex(keys.iv), "91f73e2351d8fa91660e909f");
    assert.equal(toHex(keys.headerProtection), "45b95e15235d6f45a6b19cbcb0294ba9");
    const header = fromHex("d36b3343cf088394c8f03e5157080000449e00000002")!;
    const packet = seal(header, bytesOf(appendixFrame, new Uint8Array(1162 - appendixFrame.length)), keys);
    assert.equal(toHex(packet, 0, 34), "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04");
    const found = inspectMessages("udp", [[true, packet]]).identification;
    assert.equal(found?.facts.quic?.version, "2");
    assert.equal(found.hostname, "example.com");
  });
});

describe("versions of before and beside the RFC", () => {
  const hello = clientHello({ name: "old.example.test", alpns: ["h3-27"], versions: [0x0304] });
  const name = bytesOf("CHLO", [1, 0, 0, 0], "SNI\0", u32(0x1000_0000), "old.example.test");
  const google = (data: Uint8Array): Uint8Array => bytesOf(8, varint2(0), varint2(data.length), data);
  const versions: readonly (readonly [string, number, Uint8Array])[] = [
    ["draft-22", 0xff000016, crypto(hello, 0, hello.length)],
    ["draft-27", 0xff00001b, crypto(hello, 0, hello.length)],
    ["mvfst-2", 0xfaceb002, crypto(hello, 0, hello.length)],
    ["T051", 0x54303531, google(hello)],
    ["Q050", 0x51303530, bytesOf(7, google(name))],
  ];
  for (const [title, version, frames] of versions) {
    test(`${title} tells its host`, () => {
      const found = inspectMessages("udp", [[true, initial(frames, { version })]]).identification;
      assert.equal(found?.facts.quic?.version, title);
      assert.equal(found.hostname, "old.example.test");
    });
  }

  test("a version that is none is QUIC when it begins as a client does, and nothing else", () => {
    const start = bytesOf(0xc9, u32(0x1a2a3a4a), prefixed(1, destination), prefixed(1, "src"), 0);
    const name = (size: number): string | undefined =>
      inspectMessages("udp", [[true, bytesOf(start, new Uint8Array(size - start.length))]]).identification?.name;
    assert.deepEqual([name(1200), name(1199)], ["quic", undefined]);
  });
});

describe("packets without their handshake", () => {
  const packet = (id: Uint8Array, number: number): Uint8Array =>
    bytesOf(0x40 | ((number * 7) & 0x3f), id, new Uint8Array(40).fill(number * 13));
  const name = (id: Uint8Array, serverPort: number): string | undefined => {
    const sent = [1, 2, 3, 4].map((number) => [true, packet(id, number)] as const);
    const { identification } = inspectMessages("udp", sent, { serverPort });
    return identification?.by === "payload" ? identification.name : undefined;
  };

  test("are known on port 443 by an id that stays", () => {
    assert.equal(name(destination, 443), "quic");
    assert.equal(name(destination, 40_001), undefined);
    assert.equal(name(new Uint8Array(8), 443), undefined);
  });
});

describe("a ClientHello in CRYPTO frames", () => {
  const hello = clientHello({ name: "quic.example.test", alpns: ["h3"], versions: [0x0304], extensions: [] });

  test("is joined over frames in any order, packets and datagrams", () => {
    for (let first = 1; first < hello.length - 1; first += 7) {
      const second = Math.floor((first + hello.length) / 2);
      const datagrams = [
        initial(bytesOf(crypto(hello, second, hello.length), 1, crypto(hello, 0, first)), { number: 0 }),
        initial(crypto(hello, first, second), { number: 1 }),
      ];
      for (const order of [datagrams, datagrams.toReversed()]) {
        const found = inspectMessages(
          "udp",
          order.map((bytes) => [true, bytes]),
        );
        assert.equal(found.identification?.hostname, "quic.example.test", `cut at ${first}`);
        assert.match(found.identification.facts.quic!.ja4!, /^q13d0203h3_/);
      }
    }
  });

  test("is joined over coalesced packets of one datagram", () => {
    const half = hello.length >> 1;
    const datagram = bytesOf(
      initial(crypto(hello, 0, half), { size: 600 }),
      initial(crypto(hello, half, hello.length), { size: 700, number: 1 }),
    );
    assert.equal(inspectMessages("udp", [[true, datagram]]).identification?.hostname, "quic.example.test");
  });

  test("is read after a Retry gave the client another connection id", () => {
    const retry = bytesOf(0xf0, u32(1), prefixed(1, "src"), prefixed(1, "other-id"), "token", new Uint8Array(16));
    const found = inspectMessages("udp", [
      [true, initial(crypto(hello, 0, 40))],
      [false, retry],
      [true, initial(crypto(hello, 0, hello.length), { destination: bytesOf("other-id"), number: 1 })],
    ]);
    assert.equal(found.identification?.hostname, "quic.example.test");
  });

  test("is read in draft 29 and on any port", () => {
    const packet = initial(crypto(hello, 0, hello.length), { version: 0xff00001d });
    const found = inspectMessages("udp", [[true, packet]], { serverPort: 12_345 }).identification;
    assert.equal(found?.facts.quic?.version, "draft-29");
    assert.equal(found.hostname, "quic.example.test");
  });
});

test("a packet that was cut, or cannot be opened, is still QUIC of its version", () => {
  const packet = initial(appendixFrame);
  const cut = inspectMessages("udp", [[true, packet.subarray(0, 100), packet.length]]).identification;
  assert.deepEqual(cut, { name: "quic", by: "payload", facts: { quic: { version: "1" } } });
  packet[600]! ^= 1;
  const broken = inspectMessages("udp", [[true, packet]]).identification;
  assert.deepEqual(broken?.facts, { quic: { version: "1" } });
});

test("a version negotiation is QUIC when it offers a version that is known", () => {
  const negotiation = (version: number): Uint8Array =>
    bytesOf(0xc0, u32(0), prefixed(1, "client"), prefixed(1, "server"), u32(0x1a2a3a4a), u32(version));
  assert.equal(inspectMessages("udp", [[false, negotiation(1)]]).identification?.name, "quic");
  assert.equal(inspectMessages("udp", [[false, negotiation(0x12345678)]]).identification, undefined);
});

test("a flow cannot make us derive keys for ever", () => {
  let derivations = 0;
  const counting = {
    ...cryptography,
    hkdfExtractSha256: (salt: Uint8Array, key: Uint8Array) => (
      derivations++,
      cryptography.hkdfExtractSha256(salt, key)
    ),
  };
  const packets = Array.from({ length: 100 }, (_, index) => {
    const packet = initial(appendixFrame, { destination: u32(index) });
    packet[packet.length - 1]! ^= 1;
    return packet;
  });
  const inspector = createInspectorFactory({ crypto: counting })("udp", 40_000, 443);
  for (const packet of packets) inspector.datagram(true, packet, packet.length);
  assert.ok(derivations > 0 && derivations <= 8, `${derivations}`);
});
