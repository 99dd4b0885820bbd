import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cryptography } from "../../src/app/cryptography.ts";
import { createInspectorFactory } from "../../src/dissect/index.ts";
import { bytesOf, clientHello, extension, record, serverHello, u16, u32 } from "./build.ts";
import { inspectMessages } from "./converse.ts";
import type { Message } from "./converse.ts";

const text = (toServer: boolean, ...lines: readonly string[]): Message => [
  toServer,
  bytesOf(lines.map((line) => `${line}\r\n`)),
];
const hello: Message = [true, record(22, clientHello({ name: "inner.example.test", versions: [0x0304] }))];
const answer: Message = [false, record(22, serverHello(0x1301, new Uint8Array(0), extension(43, u16(0x0304))))];

/** Conversations that change to TLS, by what they were before. */
const upgrades: Readonly<Record<string, readonly Message[]>> = {
  smtp: [
    text(false, "220 mail.example.test ESMTP"),
    text(true, "EHLO client.test"),
    text(false, "250-mail.example.test", "250 STARTTLS"),
    text(true, "STARTTLS"),
    text(false, "220 Go ahead"),
  ],
  imap: [
    text(false, "* OK IMAP4rev1 ready"),
    text(true, "a1 STARTTLS"),
    text(false, "a1 OK Begin TLS negotiation now"),
  ],
  pop3: [text(false, "+OK POP3 ready"), text(true, "STLS"), text(false, "+OK Begin TLS negotiation")],
  ftp: [text(false, "220 FTP ready"), text(true, "AUTH TLS"), text(false, "234 AUTH TLS successful")],
  pgsql: [
    [true, bytesOf(u32(8), u32(80_877_103))],
    [false, bytesOf("S")],
  ],
  socks: [
    [true, bytesOf(5, 1, 0)],
    [false, bytesOf(5, 0)],
    [true, bytesOf(5, 1, 0, 1, 192, 0, 2, 7, u16(443))],
    [false, bytesOf(5, 0, 0, 1, 0, 0, 0, 0, u16(0))],
  ],
  http: [
    text(true, "CONNECT inner.example.test:443 HTTP/1.1", ""),
    text(false, "HTTP/1.1 200 Connection established", ""),
  ],
};

describe("a stream that changes to TLS", () => {
  for (const [name, messages] of Object.entries(upgrades)) {
    test(`from ${name} is TLS, keeps what was known before, and both sides go over`, () => {
      const { identification, finished } = inspectMessages("tcp", [...messages, hello, answer]);
      assert.equal(identification?.name, "tls");
      assert.equal(identification.originally, name);
      assert.ok(identification.facts[name] !== undefined);
      assert.equal(identification.hostname, "inner.example.test");
      assert.equal(identification.facts.tls?.version, "TLS 1.3");
      assert.equal(finished, true);
    });

    test(`from ${name} changes at the same place when both messages come in one segment`, () => {
      const whole = (toServer: boolean): Uint8Array =>
        bytesOf([...messages, hello, answer].filter(([side]) => side === toServer).map(([, bytes]) => bytes));
      const { identification } = inspectMessages("tcp", [
        [true, whole(true)],
        [false, whole(false)],
      ]);
      assert.equal(identification?.name, "tls");
      assert.equal(identification.originally, name);
      assert.equal(identification.facts.tls?.sni, "inner.example.test");
    });
  }
});

test("SMB goes on behind an accepted NetBIOS session", () => {
  const name = (suffix: number): Uint8Array =>
    bytesOf(32, "EB".repeat(15), 0x41 + (suffix >> 4), 0x41 + (suffix & 15), 0);
  const { identification } = inspectMessages("tcp", [
    [true, bytesOf(0x81, 0, 0, 68, name(0x20), name(0))],
    [false, bytesOf(0x82, 0, 0, 0)],
    [true, bytesOf(0, 0, 0, 68, 0xfe, "SMB", 0, 0x40, new Uint8Array(58))],
  ]);
  assert.equal(identification?.name, "smb");
  assert.equal(identification.originally, "netbios-ssn");
});

describe("a stream that was joined in its middle", () => {
  const rest = bytesOf("the rest of a page that is no protocol's beginning\x00\x01");
  const request = bytesOf("GET /next HTTP/1.1\r\nHost: www.example.test\r\n\r\n");
  const answer = bytesOf("HTTP/1.1 204 No Content\r\n\r\n");

  test("is known by what is said next, once the other side has spoken", () => {
    const found = inspectMessages("tcp", [
      [false, rest],
      [false, rest],
      [true, request],
      [false, answer],
    ]).identification;
    assert.deepEqual([found?.name, found?.hostname, found?.facts.http?.status], ["http", "www.example.test", 204]);
    const both = inspectMessages("tcp", [
      [true, rest],
      [false, rest],
      [true, request],
    ]).identification;
    assert.deepEqual([both?.name, both?.facts.http?.url], ["http", "/next"]);
  });

  test("is known by its start when that comes late", () => {
    const inspector = createInspectorFactory({ crypto: cryptography })("tcp", 40_000, 40_001);
    inspector.segment(false, 9000, false, rest, rest.length);
    inspector.segment(false, 9000 - answer.length, false, answer, answer.length);
    assert.equal(inspector.identification?.facts.http?.status, 204);
  });

  test("is not looked at anew while the same side goes on, nor when its beginning was seen, nor for ever", () => {
    const going: Message[] = [
      [false, rest],
      [false, answer],
    ];
    assert.equal(inspectMessages("tcp", going).identification, undefined);
    const inspector = createInspectorFactory({ crypto: cryptography })("tcp", 40_000, 40_001);
    for (const toServer of [true, false]) {
      inspector.segment(toServer, 0, true, new Uint8Array(0), 0);
      inspector.segment(toServer, 1, false, rest, rest.length);
    }
    assert.equal(inspector.finished, true);
    const turns = Array.from({ length: 20 }, (_, index): Message => [index % 2 === 0, rest]);
    assert.equal(inspectMessages("tcp", turns).finished, true);
    assert.equal(inspectMessages("tcp", [...turns, [true, request]]).identification, undefined);
  });
});
