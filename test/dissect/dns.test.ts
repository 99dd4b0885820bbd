import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bytesOf, dnsName, prefixed, u16, u32 } from "./build.ts";
import { inspectMessages } from "./converse.ts";
import type { NameObservation } from "../../src/dissect/index.ts";
import type { DnsFacts } from "../../src/model/index.ts";

interface Counts {
  readonly flags?: number;
  readonly questions?: number;
  readonly answers?: number;
}

function message({ flags = 0x8180, questions = 1, answers = 0 }: Counts, ...parts: readonly Uint8Array[]): Uint8Array {
  return bytesOf(u16(0x1234), [flags, questions, answers, 0, 0].map(u16), parts);
}

const question = (name: string, type: number): Uint8Array => bytesOf(dnsName(name), u16(type), u16(1));
const pointer = (target: number): Uint8Array => u16(0xc000 | target);

function answer(name: Uint8Array, type: number, ...rdata: readonly Uint8Array[]): Uint8Array {
  return bytesOf(name, u16(type), u16(1), u32(300), prefixed(2, ...rdata));
}

function replyFacts(bytes: Uint8Array, serverPort = 53): DnsFacts {
  const found = inspectMessages("udp", [[false, bytes]], { serverPort }).identification;
  assert.equal(found?.by, "payload");
  return (found.facts["dns"] ?? found.facts[found.name]) as DnsFacts;
}

describe("answers", () => {
  test("come as text, with compression pointers", () => {
    const facts = replyFacts(
      message(
        { answers: 6 },
        question("www.example.test", 65),
        answer(pointer(12), 1, Uint8Array.of(192, 0, 2, 7)),
        answer(pointer(16), 15, u16(10), bytesOf(prefixed(1, "mail"), pointer(16))),
        answer(pointer(16), 16, prefixed(1, "v=1"), prefixed(1, " two\n")),
        answer(pointer(12), 65, u16(1), Uint8Array.of(0), u16(1), prefixed(2, prefixed(1, "h3"), prefixed(1, "h2"))),
        answer(pointer(12), 28, bytesOf(u32(0x20010db8), new Uint8Array(11), 9)),
        answer(pointer(12), 33, u16(1), u16(2), u16(443), dnsName("a.test")),
      ),
    );
    assert.deepEqual(facts.queries, [{ rrname: "www.example.test", rrtype: "HTTPS" }]);
    assert.deepEqual(
      facts.answers?.map(({ rrname, rrtype, rdata }) => `${rrname} ${rrtype} ${rdata}`),
      [
        "www.example.test A 192.0.2.7",
        "example.test MX 10 mail.example.test",
        "example.test TXT v=1 two\\x0a",
        "www.example.test HTTPS 1 . alpn=h3,h2",
        "www.example.test AAAA 2001:db8::9",
        "www.example.test SRV 1 2 443 a.test",
      ],
    );
  });

  test("give an address the name that was asked for, not the alias it went by", () => {
    const names: NameObservation[] = [];
    const reply = message(
      { answers: 3 },
      question("www.example.test", 1),
      answer(pointer(12), 5, dnsName("edge.cdn.test")),
      answer(dnsName("edge.cdn.test"), 5, dnsName("node7.cdn.test")),
      answer(dnsName("NODE7.cdn.test"), 1, Uint8Array.of(192, 0, 2, 7)),
    );
    inspectMessages("udp", [[false, reply]], { serverPort: 53, onName: (name) => names.push(name) });
    assert.deepEqual(names, [{ name: "www.example.test", address: "192.0.2.7", ttl: 300 }]);
  });

  test("from the side that asks, or of a failed query, name nobody", () => {
    const names: NameObservation[] = [];
    const onName = (name: NameObservation): void => void names.push(name);
    const body = [question("www.example.test", 1), answer(pointer(12), 1, Uint8Array.of(192, 0, 2, 7))];
    inspectMessages("udp", [[true, message({ answers: 1 }, ...body)]], { serverPort: 53, onName });
    inspectMessages("udp", [[false, message({ answers: 1, flags: 0x8183 }, ...body)]], { serverPort: 53, onName });
    assert.deepEqual(names, []);
  });

  test("of a chain of aliases that loops end", () => {
    const reply = message(
      { answers: 3 },
      question("a.test", 1),
      answer(dnsName("a.test"), 5, dnsName("b.test")),
      answer(dnsName("b.test"), 5, dnsName("a.test")),
      answer(dnsName("b.test"), 1, Uint8Array.of(192, 0, 2, 7)),
    );
    assert.equal(replyFacts(reply).answers?.length, 3);
  });
});

describe("names", () => {
  test("whose pointers loop, point forwards or into the header are no names", () => {
    for (const target of [12, 14, 60, 0, 4]) {
      const bytes = message({ flags: 0x0100 }, bytesOf(pointer(target), u16(1), u16(1)));
      assert.equal(inspectMessages("udp", [[true, bytes]], { serverPort: 53 }).identification?.by, "port", `${target}`);
    }
  });

  test("keep dots within a label, control characters and the root apart", () => {
    const strange = bytesOf(prefixed(1, "a.b"), prefixed(1, "\x07"), 0);
    const facts = replyFacts(
      message({ answers: 1 }, bytesOf(strange, u16(2), u16(1)), answer(Uint8Array.of(0), 2, dnsName("x"))),
    );
    assert.equal(facts.queries?.[0]?.rrname, "a\\.b.\\x07");
    assert.equal(facts.answers?.[0]?.rrname, ".");
  });

  test("longer than 255 octets are refused", () => {
    const long = bytesOf(
      Array.from({ length: 5 }, () => prefixed(1, "x".repeat(60))),
      0,
    );
    const bytes = message({ flags: 0x0100 }, bytesOf(long, u16(1), u16(1)));
    assert.equal(inspectMessages("udp", [[true, bytes]], { serverPort: 53 }).identification?.by, "port");
  });
});

describe("evidence", () => {
  const query = message({ flags: 0x0100 }, question("www.example.test", 1));

  test("is the structure, on any port", () => {
    assert.equal(inspectMessages("udp", [[true, query]], { serverPort: 5300 }).identification?.name, "dns");
  });

  test("is missing when bytes follow the message, a bit is set that must not be, or a class is none", () => {
    const bad = [bytesOf(query, 1), query.slice(), query.slice(), query.slice(0, -1)];
    bad[1]![3]! |= 0x40;
    bad[2]![query.length - 2] = 9;
    for (const bytes of bad) assert.equal(inspectMessages("udp", [[true, bytes]]).identification, undefined);
  });

  test("a NetBIOS name query is not DNS", () => {
    const encoded = prefixed(1, "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    const bytes = message({ flags: 0x0010 }, bytesOf(encoded, 0, u16(0x21), u16(1)));
    assert.notEqual(inspectMessages("udp", [[true, bytes]], { serverPort: 137 }).identification?.name, "dns");
  });

  test("multicast dialects go by their own names", () => {
    const response = message(
      { questions: 0, answers: 1, flags: 0x8400 },
      answer(dnsName("box.local"), 1, u32(0xc0000207)),
    );
    const mdns = inspectMessages("udp", [[true, response]], { clientPort: 5353, serverPort: 5353 }).identification;
    assert.equal(mdns?.name, "mdns");
    assert.deepEqual(Object.keys(mdns.facts), ["mdns"]);
    const llmnr = inspectMessages("udp", [[true, message({ flags: 0 }, question("box", 1))]], { serverPort: 5355 });
    assert.equal(llmnr.identification?.name, "llmnr");
  });
});

test("messages over TCP are read one after the other, however they are cut", () => {
  const first = prefixed(2, message({ flags: 0x0100 }, question("one.test", 1)));
  const second = prefixed(2, message({ flags: 0x0100 }, question("two.test", 28)));
  const stream = bytesOf(first, second);
  for (let cut = 1; cut < stream.length; cut++) {
    const messages = [stream.subarray(0, cut), stream.subarray(cut)].map((part): [boolean, Uint8Array] => [true, part]);
    const { identification } = inspectMessages("tcp", messages, { serverPort: 5300 });
    const names = identification?.facts.dns?.queries?.map(({ rrname }) => rrname);
    assert.deepEqual(names, ["one.test", "two.test"], `cut at ${cut}`);
  }
});

test("what is remembered of a flow is bounded", () => {
  const queries = Array.from({ length: 200 }, (_, index): [boolean, Uint8Array] => {
    return [true, message({ flags: 0x0100 }, question(`n${index}.test`, 1))];
  });
  const { identification, finished } = inspectMessages("udp", queries, { serverPort: 53 });
  assert.equal(identification?.facts.dns?.queries?.length, 16);
  assert.equal(finished, false);
});
