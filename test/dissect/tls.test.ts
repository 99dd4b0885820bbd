import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cryptography } from "../../src/app/cryptography.ts";
import { clientFingerprints, ja3, ja4 } from "../../src/dissect/fingerprint.ts";
import { parseClientHello } from "../../src/dissect/tls-handshake.ts";
import { bytesOf, clientHello, extension, prefixed, record, serverHello, u16 } from "./build.ts";
import { inspectMessages } from "./converse.ts";
import type { ClientHello } from "../../src/dissect/tls-handshake.ts";
import type { TlsFacts } from "../../src/model/index.ts";

const grease = 0x3a3a;

function tlsFacts(...messages: Parameters<typeof inspectMessages>[1][]): TlsFacts {
  const found = inspectMessages("tcp", messages.flat()).identification;
  assert.equal(found?.name, "tls");
  return found.facts.tls!;
}

describe("a ClientHello", () => {
  const hello = clientHello({
    name: "www.example.test",
    alpns: ["h2", "http/1.1"],
    versions: [grease, 0x0304, 0x0303],
  });

  test("is read over records cut at any byte", () => {
    for (let cut = 1; cut < hello.length; cut++) {
      const stream = bytesOf(record(22, hello.subarray(0, cut)), record(22, hello.subarray(cut)));
      const facts = tlsFacts([[true, stream]]);
      assert.equal(facts.sni, "www.example.test", `cut at ${cut}`);
      assert.deepEqual(facts.client_alpns, ["h2", "http/1.1"]);
    }
  });

  test("gives what is there when the capture cut it off", () => {
    const stream = record(22, hello);
    const { identification } = inspectMessages("tcp", [[true, stream.subarray(0, stream.length - 4), stream.length]]);
    assert.equal(identification?.hostname, "www.example.test");
    assert.equal(identification.facts.tls?.ja4, undefined);
  });

  test("leaves GREASE out and says that Encrypted ClientHello is there", () => {
    const facts = tlsFacts([
      [
        true,
        record(
          22,
          clientHello({
            name: "outer.example.test",
            alpns: ["\x3a\x3a", "h2"],
            ciphers: [grease, 0x1301],
            versions: [grease, 0x0304],
            extensions: [extension(grease), extension(0xfe0d, 0, new Uint8Array(20))],
          }),
        ),
      ],
    ]);
    assert.equal(facts.ech, true);
    assert.deepEqual(facts.client_alpns, ["h2"]);
    assert.match(facts.ja4!, /^t13d0104/);
  });

  test("escapes control characters in the server name", () => {
    const facts = tlsFacts([[true, record(22, clientHello({ name: "a\x1b[2Jb" }))]]);
    assert.equal(facts.sni, "a\\x1b[2Jb");
  });
});

describe("a ServerHello", () => {
  const sessionId = new Uint8Array(32).fill(3);
  const client: [boolean, Uint8Array] = [true, record(22, clientHello({ name: "a.example.test", sessionId }))];

  test("of TLS 1.3 says the version of its extension, and that a session was resumed", () => {
    const hello = serverHello(0x1301, sessionId, extension(43, u16(0x0304)), extension(41, u16(0)));
    const facts = tlsFacts([client, [false, record(22, hello)]]);
    assert.equal(facts.version, "TLS 1.3");
    assert.equal(facts.cipher_suite, "TLS_AES_128_GCM_SHA256");
    assert.equal(facts.session_resumed, true);
  });

  test("of TLS 1.2 that echoes the session id is a resumption", () => {
    const facts = tlsFacts([client, [false, record(22, serverHello(0xc02f, sessionId))]]);
    assert.equal(facts.version, "TLS 1.2");
    assert.equal(facts.session_resumed, true);
  });

  test("of TLS 1.2 with another session id is not, and names the chosen application protocol", () => {
    const alpn = extension(16, prefixed(2, prefixed(1, "h2")));
    const facts = tlsFacts([client, [false, record(22, serverHello(0xabcd, new Uint8Array(32), alpn))]]);
    assert.equal(facts.session_resumed, undefined);
    assert.equal(facts.server_alpn, "h2");
    assert.equal(facts.cipher_suite, "0xabcd");
  });
});

test("a stream that is joined in its middle is TLS when its records follow each other", () => {
  const data = record(23, new Uint8Array(40).fill(0x5c));
  assert.equal(inspectMessages("tcp", [[false, bytesOf(data, data)]]).identification?.name, "tls");
  assert.equal(
    inspectMessages("tcp", [[false, bytesOf(data, "no record follows this one")]]).identification,
    undefined,
  );
});

describe("fingerprints are those of their specifications", () => {
  const none = { legacyVersion: 0x0303, sessionId: new Uint8Array(0), encryptedClientHello: false, whole: true };
  const hexadecimal = (text: string): number[] => text.split(",").map((value) => Number.parseInt(value, 16));

  test("JA4: the example of its description", () => {
    const hello: ClientHello = {
      ...none,
      cipherSuites: [
        grease,
        ...hexadecimal("1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"),
      ],
      extensions: [
        grease,
        ...hexadecimal("001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015"),
      ],
      supportedGroups: [],
      pointFormats: [],
      signatureAlgorithms: hexadecimal("0403,0804,0401,0503,0805,0501,0806,0601"),
      supportedVersions: [grease, 0x0304, 0x0303],
      alpns: ["h2"],
      firstAlpn: bytesOf("h2"),
      serverName: "example.test",
      hasServerName: true,
    };
    assert.equal(ja4(hello, "t", cryptography), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    assert.match(ja4({ ...hello, firstAlpn: bytesOf(0x30, 0xab) }, "q", cryptography), /^q13d15163b_/);
    assert.match(ja4({ ...hello, firstAlpn: undefined, hasServerName: false }, "t", cryptography), /^t13i151600_/);
    const bare = { ...hello, cipherSuites: [], extensions: [], signatureAlgorithms: [], supportedVersions: [] };
    assert.equal(ja4(bare, "t", cryptography), "t12d0000h2_000000000000_000000000000");
  });

  test("JA3: the example of its description", () => {
    const hello: ClientHello = {
      ...none,
      legacyVersion: 769,
      cipherSuites: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
      extensions: [0, 10, 11],
      supportedGroups: [23, 24, 25],
      pointFormats: [0],
      signatureAlgorithms: [],
      supportedVersions: [],
      alpns: [],
      firstAlpn: undefined,
      serverName: undefined,
      hasServerName: true,
    };
    assert.equal(ja3(hello, cryptography), "ada70206e40642a3e4461f35503241d5");
  });

  test("what is remembered of earlier ClientHellos is what the fingerprints are", () => {
    const hello: ClientHello = {
      ...none,
      legacyVersion: 771,
      cipherSuites: [4865, 4866],
      extensions: [0, 10, 11, 16],
      supportedGroups: [23, 24],
      pointFormats: [0],
      signatureAlgorithms: [1027],
      supportedVersions: [772],
      alpns: ["h2"],
      firstAlpn: bytesOf("h2"),
      serverName: undefined,
      hasServerName: true,
    };
    // Each differs from the one before in one place, some only in which list a number stands in.
    const hellos: ClientHello[] = [
      hello,
      { ...hello, legacyVersion: 770 },
      { ...hello, cipherSuites: [4866, 4865] },
      { ...hello, cipherSuites: [4865], extensions: [4866, 0, 10, 11, 16] },
      { ...hello, supportedGroups: [23], pointFormats: [24, 0] },
      { ...hello, signatureAlgorithms: [], supportedVersions: [1027, 772] },
      { ...hello, firstAlpn: undefined },
      { ...hello, firstAlpn: bytesOf("h3") },
      { ...hello, hasServerName: false },
    ];
    for (const round of ["first", "again"]) {
      for (const carrier of ["t", "q", "d"] as const) {
        for (const one of hellos) {
          const expected = { ja3: ja3(one, cryptography), ja4: ja4(one, carrier, cryptography) };
          assert.deepEqual(clientFingerprints(one, carrier, cryptography), expected, round);
        }
      }
    }
  });
});

test("a ClientHello is refused or read in part, never misread, when any byte of it is missing", () => {
  const hello = clientHello({ name: "www.example.test", alpns: ["h2"], versions: [0x0304] }).subarray(4);
  for (let length = 0; length < hello.length; length++) {
    const found = parseClientHello(hello.subarray(0, length), 0, hello.length);
    assert.equal(found?.whole ?? false, false, `${length} bytes`);
    assert.ok(found?.serverName === undefined || found.serverName === "www.example.test");
  }
});

describe("a HelloRetryRequest", () => {
  const retry = serverHello(0x1301, new Uint8Array(0), extension(43, u16(0x0304)), extension(51, u16(23)));
  // RFC 8446 section 4.1.3: its random.
  retry.set([0xcf, 0x21, 0xad, 0x74], 6);
  const change = record(20, bytesOf(1));
  const answer = serverHello(0x1302, new Uint8Array(0), extension(43, u16(0x0304)), extension(51, u16(23)));
  const hello = record(22, clientHello({ name: "retry.example.test", versions: [0x0304] }));
  const expected = tlsFacts([
    [true, hello],
    [false, record(22, answer)],
  ]);

  test("is not what was agreed: the ServerHello behind it is, and gives JA3S", () => {
    for (const between of [change, new Uint8Array(0)]) {
      const facts = tlsFacts([
        [true, hello],
        [false, bytesOf(record(22, retry), between)],
        [true, hello],
        [false, record(22, answer)],
      ]);
      assert.ok(facts.ja3s !== undefined);
      assert.deepEqual(facts, expected);
    }
  });
});

describe("DNS inside TLS", () => {
  const found = (serverPort: number, name: string | undefined, alpns: string[]): unknown => {
    const hello = record(22, clientHello({ ...(name === undefined ? {} : { name }), alpns, versions: [0x0304] }));
    const { tls } = inspectMessages("tcp", [[true, hello]], { serverPort }).identification!.facts;
    return [tls?.encrypted_dns, tls?.encrypted_dns_by];
  };

  test("is known by ALPN, and inferred from its port or a resolver's name", () => {
    assert.deepEqual(found(8853, undefined, ["dot"]), ["dot", "alpn"]);
    assert.deepEqual(found(443, "mozilla.cloudflare-dns.com", ["h2", "http/1.1"]), ["doh", "sni"]);
    assert.deepEqual(found(443, "notcloudflare-dns.com", ["h2"]), [undefined, undefined]);
    assert.deepEqual(found(443, "dns.google", ["http/1.1"]), [undefined, undefined]);
    assert.deepEqual(found(853, "other.example", ["h2"]), [undefined, undefined]);
  });

  test("is inferred from port 853 when there is no ALPN", () => {
    const hello = record(22, clientHello({ name: "resolver.example", versions: [0x0304] }));
    const { tls } = inspectMessages("tcp", [[true, hello]], { serverPort: 853 }).identification!.facts;
    assert.equal(tls?.encrypted_dns, "dot");
    assert.equal(tls.encrypted_dns_by, "port");
  });
});

describe("a certificate of Tor", () => {
  const der = (tag: number, ...parts: readonly (string | Uint8Array | readonly number[])[]): Uint8Array => {
    const body = bytesOf(...parts);
    return bytesOf(tag, body.length < 128 ? [body.length] : [0x81, body.length], body);
  };
  const commonName = (name: string): Uint8Array =>
    der(0x30, der(0x31, der(0x30, der(0x06, [0x55, 4, 3]), der(0x0c, name))));
  const seen = (issuer: string, subject: string): TlsFacts => {
    const validity = der(0x30, der(0x17, "240101000000Z"), der(0x17, "250101000000Z"));
    const algorithm = der(0x30, der(0x06, [0x2a, 3]));
    const version = der(0xa0, der(0x02, [2]));
    const fields = [version, der(0x02, [7]), algorithm, commonName(issuer), validity, commonName(subject)];
    const certificate = der(0x30, der(0x30, ...fields));
    const message = bytesOf(11, prefixed(3, prefixed(3, prefixed(3, certificate))));
    const hello = serverHello(0xc02f, new Uint8Array(0));
    return tlsFacts([[false, record(22, bytesOf(hello, message))]]);
  };

  test("has two random names of base 32, one under .com and one under .net", () => {
    const tor = seen("www.xkgk7fdx362yyyxib.com", "www.g6ghvisevf3ibuu5.net");
    assert.deepEqual([tor.subject, tor.tor], ["CN=www.g6ghvisevf3ibuu5.net", true]);
  });

  test("is none under other names", () => {
    assert.equal(seen("Example CA", "www.g6ghvisevf3ibuu5.net").tor, undefined);
    assert.equal(seen("www.xkgk7fdx362yyyxib.com", "www.example-shop.net").tor, undefined);
    assert.equal(seen("www.xkgk7fdx362yyyxib.com", "www.g6ghvisevf3ibuu5.org").tor, undefined);
  });
});

describe("a ClientHello in the form of SSL 2", () => {
  const hello = (challenge: number): Uint8Array =>
    bytesOf(
      0x80,
      9 + 6 + challenge,
      1,
      3,
      1,
      u16(6),
      u16(0),
      u16(challenge),
      [0, 0, 0x2f, 1, 0, 0x80],
      new Uint8Array(challenge),
    );

  test("is TLS's, and what the server answers is read", () => {
    assert.deepEqual(tlsFacts([[true, hello(16)]]), {});
    const answer = record(22, serverHello(0x002f, new Uint8Array(32)));
    assert.equal(
      tlsFacts([
        [true, hello(32)],
        [false, answer],
      ]).cipher_suite,
      "TLS_RSA_WITH_AES_128_CBC_SHA",
    );
  });

  test("has a challenge of 16 to 32 bytes and fills its length", () => {
    for (const bytes of [hello(8), hello(40), bytesOf(0x80, 30, hello(16).subarray(2))]) {
      assert.equal(inspectMessages("tcp", [[true, bytes]]).identification, undefined);
    }
    assert.equal(inspectMessages("tcp", [[false, hello(16)]]).identification, undefined);
  });
});
