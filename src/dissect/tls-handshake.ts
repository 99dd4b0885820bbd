/**
 * Handshake messages in clear that TLS, DTLS and QUIC share: ClientHello and ServerHello.
 * RFC 8446 section 4.1, RFC 5246 section 7.4.1, RFC 6066 section 3 (SNI), RFC 7301 section 3.1 (ALPN),
 * RFC 9849 section 5 (ECH), RFC 8701 (GREASE).
 *
 *   message     = type(1) length(3) body
 *   ClientHello = version(2) random(32) session_id<1> [cookie<1>, DTLS] cipher_suites<2> compression<1> extensions<2>
 *   ServerHello = version(2) random(32) session_id<1> cipher_suite(2) compression(1) extensions<2>
 *   extension   = type(2) data<2>
 */
import { asciiText, ByteReader, escapeControls, u16At } from "../bytes/index.ts";

export const handshakeType = { clientHello: 1, serverHello: 2, certificate: 11, serverHelloDone: 14 } as const;

export const extensionType = {
  serverName: 0,
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  preSharedKey: 41,
  supportedVersions: 43,
  encryptedClientHello: 0xfe0d,
} as const;

/** Lists are in the order of the wire, GREASE values included. */
export interface ClientHello {
  readonly legacyVersion: number;
  readonly sessionId: Uint8Array;
  readonly cipherSuites: number[];
  readonly extensions: number[];
  readonly supportedGroups: number[];
  readonly pointFormats: number[];
  readonly signatureAlgorithms: number[];
  readonly supportedVersions: number[];
  readonly alpns: string[];
  /** First ALPN name as it came: JA4 looks at its bytes. */
  firstAlpn: Uint8Array | undefined;
  serverName: string | undefined;
  hasServerName: boolean;
  encryptedClientHello: boolean;
  /** Everything was there: a fingerprint can be made of it. */
  whole: boolean;
}

export interface ServerHello {
  readonly legacyVersion: number;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly extensions: number[];
  selectedVersion: number | undefined;
  alpn: string | undefined;
  preSharedKey: boolean;
  whole: boolean;
}

const maxListed = 256;
const maxNameLength = 255;

/** RFC 8701: both bytes the same and of the form 0x?a. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

/** Reads numbers of `width` bytes up to `end` into `out`. */
function readNumbers(reader: ByteReader, end: number, width: 1 | 2, out: number[]): void {
  while (reader.position + width <= Math.min(end, reader.end) && out.length < maxListed) {
    out.push(width === 1 ? reader.u8() : reader.u16());
  }
}

/**
 * Body of a ClientHello in `bytes[start, end)`, without its 4 (DTLS: 12) byte header; `end` as the message says,
 * it may lie behind what is there. What is cut off is absent and `whole` false; undefined when it is none.
 */
export function parseClientHello(
  bytes: Uint8Array,
  start: number,
  end: number,
  datagram = false,
): ClientHello | undefined {
  const reader = new ByteReader(bytes, start, end);
  const legacyVersion = reader.u16();
  if (!reader.skip(32)) return undefined;
  const sessionIdLength = reader.u8();
  if (sessionIdLength < 0 || sessionIdLength > 32) return undefined;
  const sessionId = reader.view(sessionIdLength);
  if (sessionId === undefined) return undefined;
  if (datagram && !reader.skip(Math.max(reader.u8(), 0))) return undefined;
  const hello: ClientHello = {
    legacyVersion,
    sessionId,
    cipherSuites: [],
    extensions: [],
    supportedGroups: [],
    pointFormats: [],
    signatureAlgorithms: [],
    supportedVersions: [],
    alpns: [],
    firstAlpn: undefined,
    serverName: undefined,
    hasServerName: false,
    encryptedClientHello: false,
    whole: false,
  };
  const ciphersLength = reader.u16();
  if (!reader.ok) return hello;
  if (ciphersLength < 2 || ciphersLength % 2 !== 0) return undefined;
  const ciphersEnd = reader.position + ciphersLength;
  readNumbers(reader, ciphersEnd, 2, hello.cipherSuites);
  if (!reader.skip(ciphersEnd - reader.position)) return hello;
  if (!reader.skip(Math.max(reader.u8(), 0))) return hello;
  if (reader.remaining === 0) {
    hello.whole = end <= bytes.length;
    return hello;
  }
  hello.whole = readExtensions(reader, hello.extensions, (type, from, to) =>
    readClientExtension(hello, bytes, type, from, to),
  );
  return hello;
}

/** Calls `each` for every extension whose data is wholly there; true when all were. */
function readExtensions(
  reader: ByteReader,
  types: number[],
  each: (type: number, start: number, end: number) => void,
): boolean {
  const total = reader.u16();
  if (total < 0) return false;
  const end = reader.position + total;
  while (reader.position < end && types.length < maxListed) {
    const type = reader.u16();
    const length = reader.u16();
    const start = reader.position;
    if (!reader.skip(length) || reader.position > end) return false;
    types.push(type);
    each(type, start, start + length);
  }
  return reader.position === end;
}

function readClientExtension(hello: ClientHello, bytes: Uint8Array, type: number, start: number, end: number): void {
  const reader = new ByteReader(bytes, start, end);
  switch (type) {
    case extensionType.serverName:
      hello.hasServerName = true;
      hello.serverName ??= readServerName(reader);
      return;
    case extensionType.supportedGroups:
      reader.skip(2);
      readNumbers(reader, end, 2, hello.supportedGroups);
      return;
    case extensionType.ecPointFormats:
      reader.skip(1);
      readNumbers(reader, end, 1, hello.pointFormats);
      return;
    case extensionType.signatureAlgorithms:
      reader.skip(2);
      readNumbers(reader, end, 2, hello.signatureAlgorithms);
      return;
    case extensionType.supportedVersions:
      reader.skip(1);
      readNumbers(reader, end, 2, hello.supportedVersions);
      return;
    case extensionType.alpn:
      readAlpns(hello, reader);
      return;
    case extensionType.encryptedClientHello:
      hello.encryptedClientHello = true;
      return;
    default:
  }
}

function readServerName(reader: ByteReader): string | undefined {
  reader.skip(2);
  while (reader.remaining >= 3) {
    const nameType = reader.u8();
    const name = reader.view(reader.u16());
    if (name === undefined) return undefined;
    if (nameType === 0 && name.length > 0) return printable(name);
  }
  return undefined;
}

function readAlpns(hello: ClientHello, reader: ByteReader): void {
  reader.skip(2);
  while (reader.remaining > 0 && hello.alpns.length < 16) {
    const name = reader.view(reader.u8());
    if (name === undefined) return;
    hello.firstAlpn ??= name;
    hello.alpns.push(printable(name));
  }
}

function printable(bytes: Uint8Array): string {
  return escapeControls(asciiText(bytes, 0, bytes.length, maxNameLength));
}

/** Body of a ServerHello in `bytes[start, end)`; as `parseClientHello`. */
export function parseServerHello(bytes: Uint8Array, start: number, end: number): ServerHello | undefined {
  const reader = new ByteReader(bytes, start, end);
  const legacyVersion = reader.u16();
  if (!reader.skip(32)) return undefined;
  const sessionIdLength = reader.u8();
  if (sessionIdLength < 0 || sessionIdLength > 32) return undefined;
  const sessionId = reader.view(sessionIdLength);
  const cipherSuite = reader.u16();
  if (sessionId === undefined || cipherSuite < 0) return undefined;
  const hello: ServerHello = {
    legacyVersion,
    sessionId,
    cipherSuite,
    extensions: [],
    selectedVersion: undefined,
    alpn: undefined,
    preSharedKey: false,
    whole: false,
  };
  if (!reader.skip(1)) return hello;
  if (reader.remaining === 0) {
    hello.whole = end <= bytes.length;
    return hello;
  }
  hello.whole = readExtensions(reader, hello.extensions, (type, from, to) => {
    if (type === extensionType.supportedVersions && to - from === 2) hello.selectedVersion = u16At(bytes, from);
    else if (type === extensionType.preSharedKey) hello.preSharedKey = true;
    else if (type === extensionType.alpn) {
      const list = new ByteReader(bytes, from, to);
      list.skip(2);
      const name = list.view(list.u8());
      if (name !== undefined) hello.alpn = printable(name);
    }
  });
  return hello;
}

/** As EVE prints it; undefined for a number that is no TLS version. */
export function tlsVersionName(version: number): string | undefined {
  switch (version) {
    case 0x0300:
      return "SSLv3";
    case 0x0301:
      return "TLSv1";
    case 0x0302:
      return "TLS 1.1";
    case 0x0303:
      return "TLS 1.2";
    case 0x0304:
      return "TLS 1.3";
    case 0xfeff:
      return "DTLS 1.0";
    case 0xfefd:
      return "DTLS 1.2";
    case 0xfefc:
      return "DTLS 1.3";
    default:
      return undefined;
  }
}
