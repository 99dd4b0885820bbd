import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, clientHello, record } from "./build.ts";
import { inspectMessages } from "./converse.ts";

const open = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const tls = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'";

/** RFC 6120 section 9.1.1, both ways of writing an empty element. */
for (const [title, starttls, proceed] of [
  ["an empty element", `<starttls ${tls}/>`, `<proceed ${tls}/>`],
  ["two tags", `<starttls ${tls}></starttls>`, `<proceed ${tls}></proceed>`],
] as const) {
  test(`XMPP goes over to TLS behind ${title}`, () => {
    const found = inspectMessages("tcp", [
      [true, bytesOf(`<?xml version='1.0'?><stream:stream to='im.example.com' ${open}`)],
      [false, bytesOf(`<stream:stream from='im.example.com' ${open}<stream:features/>`)],
      [true, bytesOf(starttls)],
      [false, bytesOf(proceed)],
      [true, record(22, clientHello({ name: "im.example.com" }))],
    ]).identification;
    assert.equal(found?.name, "tls");
    assert.equal(found?.originally, "xmpp");
    assert.equal(found?.hostname, "im.example.com");
    assert.deepEqual(found?.facts["xmpp"], {
      to: "im.example.com",
      from: "im.example.com",
      stream: "client",
      starttls: true,
    });
  });
}
