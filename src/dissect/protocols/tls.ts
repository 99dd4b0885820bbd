/**
 * TLS over TCP: who is asked for, what was agreed, and the certificate where it is in clear.
 *
 * RFC 8446 section 5.1 and RFC 5246 section 6.2.1 (records), section 4 and 7.4 (handshake), Appendix D.4 (compatibility).
 *
 *   record    = type(1) version(2) length(2) fragment
 *   handshake = message*, cut into records at any byte; message = type(1) length(3) body
 *   old hello = length(2: top bit set) 1 version(2) ciphers(2: 3n) session(2: 0 or 16) challenge(2: 16 to 32) ... (RFC 5246 Appendix E.2)
 *
 * Evidence: a record header whose type, version and length fit, and a message in it that fits; or, of a stream that was
 * joined in its middle, records that follow each other. Facts of the client's side come from the first ClientHello.
 */
import { equalBytes, u16At, u24At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { parseCertificate } from "../certificate.ts";
import { encryptedDns } from "../encrypted-dns.ts";
import { clientFingerprints, ja3s } from "../fingerprint.ts";
import { cipherSuiteName } from "../tls-cipher-suites.ts";
import { handshakeType, isGrease, parseClientHello, parseServerHello, tlsVersionName } from "../tls-handshake.ts";
import type { TlsFacts } from "../../model/index.ts";
import type { ClientHello } from "../tls-handshake.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const recordType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;
const recordHeader = 5;
const messageHeader = 4;
/** RFC 5246 section 6.2.3: 2^14 and 2,048 for what protection adds. */
const maxRecordLength = 16_384 + 2_048;
/** RFC 8446 section 4.1.3: a HelloRetryRequest is a ServerHello with this random; its first four bytes tell. */
const retryRandom = 0xcf21ad74;
const tls13 = 0x0304;
const maxSessionId = 32;

/** What one direction tells the other. */
interface TlsMemory {
  clientDone: boolean;
  serverDone: boolean;
  /** Session id of the ClientHello: an echo of it in TLS 1.2 is a resumption. */
  sessionId: Uint8Array;
}

export function isTlsFirst(byte: number): boolean {
  return isRecordType(byte) || byte === oldHello;
}

function isRecordType(byte: number): boolean {
  return byte >= recordType.changeCipherSpec && byte <= recordType.applicationData;
}

/** A hello in the form of SSL 2 is shorter than 256 bytes. */
const oldHello = 0x80;
const oldHead = 11;

/** RFC 5246 Appendix E.2: a ClientHello in the form of SSL 2, as clients sent it that knew that as well. */
function probeOldHello(bytes: Uint8Array, context: DissectContext): Likeness {
  if (
    !context.toServer ||
    (bytes.length > 2 && bytes[2] !== 1) ||
    (bytes.length > 3 && bytes[3] !== 3 && bytes[3] !== 0)
  )
    return "no";
  if (bytes.length < oldHead) return context.last ? "no" : "more";
  const [ciphers, session, challenge] = [u16At(bytes, 5), u16At(bytes, 7), u16At(bytes, 9)];
  const fits =
    ciphers > 0 && ciphers % 3 === 0 && (session === 0 || session === 16) && challenge >= 16 && challenge <= 32;
  // SSL 2 itself is version 0.2.
  const isVersion = bytes[3] === 3 ? bytes[4]! <= 3 : bytes[4] === 2;
  return fits && isVersion && bytes[1] === oldHead - 2 + ciphers + session + challenge ? "yes" : "no";
}

function isRecordHeader(bytes: Uint8Array, at: number): boolean {
  const length = u16At(bytes, at + 3);
  return (
    isRecordType(bytes[at]!) && bytes[at + 1] === 3 && bytes[at + 2]! <= 4 && length > 0 && length <= maxRecordLength
  );
}

export function probeTls(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes[0] === oldHello) return probeOldHello(bytes, context);
  if (bytes.length > 1 && bytes[1] !== 3) return "no";
  if (bytes.length < recordHeader) return context.last ? "no" : "more";
  if (!isRecordHeader(bytes, 0)) return "no";
  const length = u16At(bytes, 3);
  if (bytes[0] === recordType.handshake) return probeHandshake(bytes, length, context.last);
  if (bytes[0] === recordType.changeCipherSpec) {
    if (length !== 1 || (bytes.length > recordHeader && bytes[recordHeader] !== 1)) return "no";
    return bytes.length > recordHeader ? "yes" : context.last ? "no" : "more";
  }
  // Level and description of an alert in clear; a protected one is longer.
  if (bytes[0] === recordType.alert && length === 2) return bytes[5] === 1 || bytes[5] === 2 ? "yes" : "no";
  // Nothing before TLS 1.0 is joined in its middle, and protected records carry more than a tag's worth.
  if (bytes[2] === 0 || length < 16) return "no";
  const next = recordHeader + length;
  return next + recordHeader > bytes.length || isRecordHeader(bytes, next) ? "yes" : "no";
}

function probeHandshake(bytes: Uint8Array, length: number, last: boolean): Likeness {
  if (bytes.length < recordHeader + messageHeader + 2) return last ? "no" : "more";
  const type = bytes[recordHeader]!;
  const messageLength = u24At(bytes, recordHeader + 1);
  const isHello = type === handshakeType.clientHello || type === handshakeType.serverHello;
  // A sender may cut its message anywhere; then the next record must go on with it.
  if (isHello && length > messageHeader) {
    const major = bytes[recordHeader + messageHeader];
    return messageLength >= 38 && messageLength < 65_536 && major === 3 ? "yes" : "no";
  }
  // Any other message, or a protected one: only records that follow each other tell.
  const next = recordHeader + length;
  if (next + recordHeader > bytes.length)
    return messageLength + messageHeader === length ? "yes" : last ? "no" : "more";
  return isRecordHeader(bytes, next) && (!isHello || bytes[next] === recordType.handshake) ? "yes" : "no";
}

/** RFC 8446 section 5: the ChangeCipherSpec that means nothing, and that a server may send behind its HelloRetryRequest. */
function isIdleChange(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === recordType.changeCipherSpec && u16At(bytes, at + 3) === 1;
}

/** Whether the ServerHello at `at` is a HelloRetryRequest. */
function isRetry(bytes: Uint8Array, at: number): boolean {
  return u16At(bytes, at + 2) === retryRandom >>> 16 && u16At(bytes, at + 4) === (retryRandom & 0xffff);
}

/** Handshake bytes at the start of the stream, in clear, joined over records. */
interface Flight {
  readonly bytes: Uint8Array;
  /** A record of another kind follows: the handshake in clear is over. */
  readonly over: boolean;
}

function readFlight(bytes: Uint8Array): Flight {
  const first = u16At(bytes, 3);
  // Common: one record holds whole what is there.
  if (recordHeader + first >= bytes.length) return { bytes: bytes.subarray(recordHeader), over: false };
  const parts: Uint8Array[] = [];
  let total = 0;
  let at = 0;
  let over = false;
  while (at + recordHeader <= bytes.length) {
    if (isIdleChange(bytes, at) && isRetry(bytes, recordHeader + messageHeader)) {
      at += recordHeader + 1;
      continue;
    }
    if (!isRecordHeader(bytes, at) || bytes[at] !== recordType.handshake) {
      over = true;
      break;
    }
    const end = at + recordHeader + u16At(bytes, at + 3);
    const part = bytes.subarray(at + recordHeader, end);
    parts.push(part);
    total += part.length;
    at = end;
  }
  if (parts.length === 1) return { bytes: parts[0]!, over };
  const joined = new Uint8Array(total);
  let filled = 0;
  for (const part of parts) {
    joined.set(part, filled);
    filled += part.length;
  }
  return { bytes: joined, over };
}

function memoryOf(context: DissectContext): TlsMemory {
  return recall(context, "tls", () => ({ clientDone: false, serverDone: false, sessionId: new Uint8Array(0) }));
}

export function parseTls(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < recordHeader) return { kind: "needMore", bytes: recordHeader };
  const memory = memoryOf(context);
  if (bytes[0] === oldHello && probeOldHello(bytes, context) === "yes") {
    memory.clientDone = true;
    return verdict({}, memory, true);
  }
  if (!isRecordHeader(bytes, 0)) return { kind: "notMine" };
  if (bytes[0] === recordType.handshake) {
    if (bytes.length <= recordHeader) return { kind: "needMore", bytes: recordHeader + messageHeader };
    const type = bytes[recordHeader]!;
    if (type === handshakeType.clientHello) return readClient(bytes, context, memory);
    if (type === handshakeType.serverHello) return readServer(bytes, context, memory);
  }
  // Joined in the middle, or refused at once: this direction says no more.
  if (context.toServer) memory.clientDone = true;
  else memory.serverDone = true;
  return verdict({}, memory, true);
}

function verdict(tls: TlsFacts, memory: TlsMemory, done: boolean): Verdict {
  const complete = memory.clientDone && memory.serverDone;
  const facts = { tls };
  return tls.sni === undefined
    ? { kind: "match", name: "tls", facts, complete, done }
    : { kind: "match", name: "tls", facts, complete, done, hostname: tls.sni, hostnameSource: "sni" };
}

function readClient(bytes: Uint8Array, context: DissectContext, memory: TlsMemory): Verdict {
  const flight = readFlight(bytes);
  const end = messageHeader + u24At(flight.bytes, 1);
  const whole = end >= messageHeader && end <= flight.bytes.length;
  if (!whole && !context.last && !flight.over) return { kind: "needMore", bytes: recordHeader + end };
  const hello = parseClientHello(flight.bytes, messageHeader, end);
  if (hello === undefined && whole) return { kind: "malformed", reason: "ClientHello" };
  memory.clientDone = true;
  if (hello === undefined) return verdict({}, memory, true);
  memory.sessionId = hello.sessionId.slice(0, maxSessionId);
  return verdict(clientFacts(hello, "t", context), memory, true);
}

/** Facts of a ClientHello that came over TCP ("t"), QUIC ("q") or DTLS ("d"). */
export function clientFacts(hello: ClientHello, carrier: "t" | "q" | "d", context: DissectContext): TlsFacts {
  const facts: TlsFacts = {};
  if (hello.serverName !== undefined) facts.sni = hello.serverName;
  const alpns = hello.alpns.filter((name) => !isGreaseName(name));
  if (alpns.length > 0) facts.client_alpns = alpns;
  if (hello.encryptedClientHello) facts.ech = true;
  const dns = encryptedDns(carrier, context.serverPort, hello.serverName, alpns);
  if (dns !== undefined) {
    facts.encrypted_dns = dns.kind;
    facts.encrypted_dns_by = dns.by;
  }
  if (hello.whole) {
    const { ja3, ja4 } = clientFingerprints(hello, carrier, context.crypto);
    facts.ja3 = ja3;
    facts.ja4 = ja4;
  }
  return facts;
}

function isGreaseName(name: string): boolean {
  return name.length === 2 && isGrease((name.charCodeAt(0) << 8) | name.charCodeAt(1));
}

function readServer(bytes: Uint8Array, context: DissectContext, memory: TlsMemory): Verdict {
  const flight = readFlight(bytes);
  const facts: TlsFacts = {};
  let at = 0;
  let finished = false;
  while (at + messageHeader <= flight.bytes.length && !finished) {
    const type = flight.bytes[at]!;
    const start = at + messageHeader;
    const end = start + u24At(flight.bytes, at + 1);
    const cut = end > flight.bytes.length;
    if (cut && !context.last) break;
    if (type === handshakeType.serverHello)
      finished = readServerHello(flight.bytes, start, end, facts, context, memory);
    else if (type === handshakeType.certificate) readCertificates(flight.bytes, start, end, facts);
    else if (type === handshakeType.serverHelloDone) finished = true;
    at = end;
  }
  if (flight.over && at === 0) return { kind: "malformed", reason: "ServerHello longer than its records" };
  const done = finished || flight.over || context.last;
  if (at === 0 && !done) return { kind: "needMore", bytes: recordHeader + messageHeader + u24At(flight.bytes, 1) };
  memory.serverDone ||= done;
  return verdict(facts, memory, done);
}

/** Fills in what was agreed; true when nothing in clear can follow. */
function readServerHello(
  bytes: Uint8Array,
  start: number,
  end: number,
  facts: TlsFacts,
  context: DissectContext,
  memory: TlsMemory,
): boolean {
  const hello = parseServerHello(bytes, start, end);
  if (hello === undefined) return false;
  const version = hello.selectedVersion ?? hello.legacyVersion;
  const versionName = tlsVersionName(version);
  if (versionName !== undefined) facts.version = versionName;
  facts.cipher_suite = cipherSuiteName(hello.cipherSuite);
  if (hello.alpn !== undefined) facts.server_alpn = hello.alpn;
  // The client's second hello and the answer to it follow.
  if (isRetry(bytes, start)) return false;
  if (hello.whole) facts.ja3s = ja3s(hello, context.crypto);
  if (version >= tls13) {
    if (hello.preSharedKey) facts.session_resumed = true;
    return true;
  }
  const offered = memory.sessionId;
  if (offered.length > 0 && offered.length === hello.sessionId.length) {
    const resumed = equalBytes(offered, 0, hello.sessionId, 0, offered.length);
    if (resumed) facts.session_resumed = true;
    return resumed;
  }
  return false;
}

/**
 * Tor's links before TLS 1.3 (tor's src/lib/tls, "tor_tls_context_new"): names of 8 to 20 random letters of base 32, one under
 * .net that another under .com vouches for. No authority has such a name.
 */
const torSubject = /^CN=www\.[a-z2-7]{8,20}\.net$/;
const torIssuer = /^CN=www\.[a-z2-7]{8,20}\.com$/;

/** RFC 5246 section 7.4.2: list<3> of certificate<3>, the server's own first. */
function readCertificates(bytes: Uint8Array, start: number, end: number, facts: TlsFacts): void {
  const length = u24At(bytes, start + 3);
  if (length <= 0) return;
  const from = start + 6;
  const certificate = parseCertificate(bytes, from, Math.min(from + length, end));
  if (certificate.subject !== undefined) facts.subject = certificate.subject;
  if (certificate.issuer !== undefined) facts.issuerdn = certificate.issuer;
  if (torSubject.test(certificate.subject ?? "") && torIssuer.test(certificate.issuer ?? "")) facts.tor = true;
  if (certificate.notBefore !== undefined) facts.notbefore = certificate.notBefore;
  if (certificate.notAfter !== undefined) facts.notafter = certificate.notAfter;
}
