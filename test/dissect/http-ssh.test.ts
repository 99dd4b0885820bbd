import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bytesOf, clientHello, record, u32 } from "./build.ts";
import { inspectMessages } from "./converse.ts";
import type { Message } from "./converse.ts";
import { probeHttp } from "../../src/dissect/protocols/http.ts";
import type { DissectContext, Identification } from "../../src/dissect/index.ts";

const lines = (...text: readonly string[]): Uint8Array => bytesOf(text.map((line) => `${line}\r\n`));
const identify = (...messages: readonly Message[]): Identification | undefined =>
  inspectMessages("tcp", messages).identification;

describe("HTTP/1", () => {
  test("shows method, path, host and agent, and no query, credentials or cookies", () => {
    const request = lines(
      "POST http://user:password@proxy.test:81/a/b?token=secret#part HTTP/1.1",
      "HOST: WWW.Example.test:8080",
      "User-Agent: agent/1.0",
      "Cookie: id=secret",
      "Authorization: Basic c2VjcmV0",
      "",
    );
    const found = identify([true, request], [false, lines("HTTP/1.1 404 Not Found", "Server: s\x07x", "")]);
    assert.deepEqual(found?.facts, {
      http: {
        http_method: "POST",
        url: "/a/b",
        protocol: "HTTP/1.1",
        http_user_agent: "agent/1.0",
        hostname: "www.example.test",
        status: 404,
        server: "s\\x07x",
      },
    });
    assert.doesNotMatch(JSON.stringify(found), /secret|password/);
  });

  test("is known by its answer alone", () => {
    const found = identify([false, lines("HTTP/1.0 302 Found", "Server: x", "")]);
    assert.equal(found?.facts.http?.status, 302);
  });

  test("says what there is when the headers were cut off", () => {
    const request = lines("GET /index.html HTTP/1.1", "Host: a.example.test", "User-Agent: long");
    const found = identify([true, request.subarray(0, 60), request.length]);
    assert.equal(found?.hostname, "a.example.test");
    assert.equal(found.facts.http?.http_user_agent, undefined);
  });

  test("is not whatever begins with a method", () => {
    for (const text of [
      "GET things done\r\n",
      "POST \x00\x01 HTTP/1.1\r\n",
      "HEAD HTTP/1.1\r\n",
      "GET /x RTSP/1.0\r\n",
    ]) {
      assert.equal(identify([true, bytesOf(text)]), undefined, JSON.stringify(text));
    }
    assert.equal(identify([false, bytesOf("HTTP/1.1 abc Fine\r\n\r\n")]), undefined);
  });

  test("an answered CONNECT gives way to what goes through it", () => {
    const found = identify(
      [true, lines("CONNECT inner.example.test:443 HTTP/1.1", "Host: inner.example.test:443", "")],
      [false, lines("HTTP/1.1 200 Connection established", "")],
      [true, record(22, clientHello({ name: "inner.example.test" }))],
    );
    assert.equal(found?.name, "tls");
    assert.equal(found.originally, "http");
    assert.equal(found.hostname, "inner.example.test");
    assert.equal(found.facts.http?.http_method, "CONNECT");
    assert.equal(found.facts.tls?.sni, "inner.example.test");
  });

  test("HTTP in a tunnel is told beside its proxy's", () => {
    const found = identify(
      [true, lines("CONNECT user:secret@inner.example.test:80 HTTP/1.1", "Proxy-Authorization: Basic c2VjcmV0", "")],
      [false, lines("HTTP/1.0 200 Connection established", "Server: proxy", "")],
      [true, lines("GET /a?token=secret HTTP/1.1", "Host: inner.example.test", "")],
      [false, lines("HTTP/1.1 404 Not Found", "Server: inner", "")],
    );
    assert.equal(found?.name, "http");
    assert.deepEqual(found.facts, {
      http: {
        http_method: "CONNECT",
        url: "inner.example.test:80",
        protocol: "HTTP/1.0",
        hostname: "inner.example.test",
        status: 200,
        server: "proxy",
      },
      http_tunnel: {
        http_method: "GET",
        url: "/a",
        protocol: "HTTP/1.1",
        hostname: "inner.example.test",
        status: 404,
        server: "inner",
      },
    });
  });

  test("interim responses are not the answer, and a change of protocol is", () => {
    const request: Message = [true, lines("PUT /a HTTP/1.1", "Host: a", "Expect: 100-continue", "")];
    const interim = lines("HTTP/1.1 100 Continue", "", "HTTP/1.1 103 Early Hints", "Link: x", "");
    const whole = identify(request, [false, bytesOf(interim, lines("HTTP/1.1 201 Created", "Server: s", ""))]);
    assert.deepEqual([whole?.facts.http?.status, whole?.facts.http?.server], [201, "s"]);
    const parts = inspectMessages("tcp", [
      request,
      [false, interim],
      [true, lines("body")],
      [false, lines("HTTP/1.1 201 Created", "")],
    ]);
    assert.equal(parts.identification?.facts.http?.status, 201);
    assert.equal(parts.finished, true);
  });

  test("a proxy's request names its host in the target when nothing else does", () => {
    const found = identify([true, lines("GET http://user:secret@Old.example.test:81/ HTTP/1.0", "")]);
    assert.equal(found?.hostname, "old.example.test");
    assert.doesNotMatch(JSON.stringify(found), /secret/);
  });

  test("a refused CONNECT stays what it is", () => {
    const inspector = inspectMessages("tcp", [
      [true, lines("CONNECT inner.example.test:443 HTTP/1.1", "")],
      [false, lines("HTTP/1.1 403 Forbidden", "")],
    ]);
    assert.equal(inspector.identification?.name, "http");
    assert.equal(inspector.identification.facts.http?.status, 403);
    assert.equal(inspector.finished, true);
  });

  test("finishes once both sides have said theirs", () => {
    const request: Message = [true, lines("GET / HTTP/1.1", "Host: a", "")];
    assert.equal(inspectMessages("tcp", [request]).finished, false);
    assert.equal(inspectMessages("tcp", [request, [false, lines("HTTP/1.1 200 OK", "")]]).finished, true);
  });
});

describe("SSH", () => {
  const banner = (text: string): Uint8Array => bytesOf(text, "\r\n");

  test("shows both banners, without their comments", () => {
    const found = identify([false, banner("SSH-2.0-OpenSSH_9.2p1 Debian-2")], [true, banner("SSH-1.99-PuTTY")]);
    assert.deepEqual(found?.facts.ssh, {
      server: { proto_version: "2.0", software_version: "OpenSSH_9.2p1" },
      client: { proto_version: "1.99", software_version: "PuTTY" },
      state: "banner",
    });
  });

  test("goes from banner over key exchange to encrypted", () => {
    const packet = (number: number): Uint8Array => bytesOf(0, 0, 0, 12, 10, number, new Uint8Array(10));
    const hello = (text: string, ...numbers: readonly number[]): Uint8Array =>
      bytesOf(banner(`SSH-2.0-${text}`), numbers.map(packet));
    assert.equal(identify([true, hello("a", 20)])?.facts.ssh?.state, "key exchange");
    const inspector = inspectMessages("tcp", [
      [true, hello("a", 20, 30, 21)],
      [false, hello("b", 20, 31, 21)],
    ]);
    assert.equal(inspector.identification?.facts.ssh?.state, "authentication");
    assert.equal(inspector.finished, true, "without the offers of both sides lengths tell nothing more");
  });

  /** A KEXINIT with one cipher and one MAC, and NEWKEYS. */
  const exchange = (name: string, cipher: string, mac: string): Uint8Array => {
    const list = (text: string): Uint8Array => bytesOf(u32(text.length), text);
    const lists = ["curve25519-sha256", "ssh-ed25519", cipher, cipher, mac, mac, "none", "none"].map(list);
    const payload = bytesOf(20, new Uint8Array(16), ...lists, u32(0), u32(0), 0, u32(0));
    const packet = (content: Uint8Array): Uint8Array => bytesOf(u32(content.length + 5), 4, content, new Uint8Array(4));
    return bytesOf(banner(`SSH-2.0-${name}`), packet(payload), packet(bytesOf(21)));
  };
  const conversation = (cipher: string, mac: string, ...lengths: readonly number[]): Identification | undefined =>
    identify(
      [true, exchange("a", cipher, mac)],
      [false, exchange("b", cipher, mac)],
      // Negative: from the server.
      ...lengths.map((length): Message => [length > 0, new Uint8Array(Math.abs(length)).fill(0xa5)]),
    );

  test("infers that the user got in from the server's one byte, or from the channel that is opened", () => {
    for (const [cipher, mac, success, open] of [
      ["chacha20-poly1305@openssh.com", "none", 28, 52],
      ["aes256-gcm@openssh.com", "none", 36, 52],
      ["aes128-ctr", "hmac-sha2-256-etm@openssh.com", 52, 68],
      ["aes128-ctr", "hmac-sha1", 36, 68],
      ["aes256-cbc", "hmac-md5", 32, 64],
    ] as const) {
      const asked = [success + 16, -(success + 16), success + 40, -(success + 32)] as const;
      const refused = conversation(cipher, mac, ...asked, 300, -(success + 32))?.facts.ssh;
      assert.deepEqual([refused?.state, refused?.state_by], ["authentication", undefined], cipher);
      const taken = conversation(cipher, mac, ...asked, -success)?.facts.ssh;
      assert.deepEqual([taken?.state, taken?.state_by], ["established", "inferred"], cipher);
      const opened = conversation(cipher, mac, ...asked, open)?.facts.ssh;
      assert.deepEqual([opened?.state, opened?.state_by], ["established", "inferred"], cipher);
    }
  });

  test("infers nothing where ciphers are not known", () => {
    assert.equal(conversation("rot13", "none", 60, -60, 90, -28, 52)?.facts.ssh?.state, "authentication");
  });

  test("is not whatever begins with its letters", () => {
    assert.equal(identify([true, bytesOf("SSH-keys are here\r\n")]), undefined);
    assert.equal(identify([true, bytesOf(`SSH-2.0-${"x".repeat(300)}`)]), undefined);
  });
});

test("a request line that is cut between CR and LF is waited for", () => {
  const context = { transport: "tcp", toServer: true, last: false } as DissectContext;
  assert.equal(probeHttp(new TextEncoder().encode("POST /form HTTP/1.1\r"), context), "more");
  assert.equal(probeHttp(new TextEncoder().encode("POST /form HTTP/1.1\r\n"), context), "yes");
});
