/**
 * DTLS 1.0, 1.2 and 1.3: who is asked for, and what was agreed.
 *
 * RFC 6347 sections 4.1 (records) and 4.2 (handshake), RFC 9147 section 4, RFC 9146 (connection ids).
 *
 *   record    = type(1) version(2) epoch(2) sequence(6) length(2) fragment
 *   handshake = type(1) length(3) sequence(2) offset(3) length(3) body
 *
 * A ClientHello is read when all its fragments (section 4.2.3 of RFC 6347) came, in any order.
 */
import { u16At, u24At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { cipherSuiteName } from "../tls-cipher-suites.ts";
import { handshakeType, parseClientHello, parseServerHello, tlsVersionName } from "../tls-handshake.ts";
import { clientFacts } from "./tls.ts";
import type { TlsFacts } from "../../model/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const recordHeader = 13;
const messageHeader = 12;
const handshake = 22;
/** Of records; version 1.3 has it too. */
const version12 = 0xfefd;
const connectionIdRecord = 25;
const longestId = 20;
const hellos: readonly number[] = [handshakeType.clientHello, handshakeType.serverHello, 3];

/** Longest ClientHello that is put together. */
const longestHello = 8192;
const fragmentRecordsAtMost = 8;

/** A ClientHello of which not all fragments came yet. */
interface DtlsMemory {
  sequence: number;
  body: Uint8Array;
  /** Which bytes of the body came, and how many. */
  known: Uint8Array;
  count: number;
}

/** Takes the fragments of a ClientHello that a datagram holds; its body once it is whole. */
function assemble(bytes: Uint8Array, context: DissectContext): Uint8Array | undefined {
  const empty = new Uint8Array(0);
  const memory = recall<DtlsMemory>(context, "dtls", () => ({ sequence: -1, body: empty, known: empty, count: 0 }));
  let at = 0;
  for (let count = 0; count < fragmentRecordsAtMost && at + recordHeader + messageHeader <= bytes.length; count++) {
    const message = at + recordHeader;
    const [total, offset, part] = [u24At(bytes, message + 1), u24At(bytes, message + 6), u24At(bytes, message + 9)];
    const isHello =
      bytes[at] === handshake && u16At(bytes, at + 3) === 0 && bytes[message] === handshakeType.clientHello;
    const from = message + messageHeader;
    if (!isHello || total > longestHello || offset + part > total || from + part > bytes.length) break;
    const sequence = u16At(bytes, message + 4);
    if (memory.sequence !== sequence || memory.body.length !== total) {
      // A hello after the server's cookie is another message.
      Object.assign(memory, { sequence, body: new Uint8Array(total), known: new Uint8Array(total), count: 0 });
    }
    for (let index = 0; index < part; index++) {
      if (memory.known[offset + index] === 1) continue;
      memory.known[offset + index] = 1;
      memory.body[offset + index] = bytes[from + index]!;
      memory.count++;
    }
    at += recordHeader + u16At(bytes, at + 11);
  }
  return memory.body.length > 0 && memory.count === memory.body.length ? memory.body : undefined;
}

export function isDtlsFirst(byte: number): boolean {
  return byte >= 20 && byte <= 25;
}

/** RFC 9147 section 4: the header of enciphered records of version 1.3 begins with these three bits. */
const isUnifiedFirst = (byte: number): boolean => byte >> 5 === 1;

/** RFC 9146 section 4: between number and length stands the id of the connection, as long as its receiver once said. */
function hasConnectionId(bytes: Uint8Array): boolean {
  if (bytes[0] !== connectionIdRecord || u16At(bytes, 1) !== version12 || u16At(bytes, 3) === 0) return false;
  for (let id = 1; id <= longestId; id++) if (u16At(bytes, 11 + id) === bytes.length - recordHeader - id) return true;
  return false;
}

export function probeDtls(bytes: Uint8Array, context: DissectContext): Likeness {
  const version = u16At(bytes, 1);
  const isVersion = version === 0xfeff || version === 0xfefd || version === 0x0100;
  const length = u16At(bytes, 11);
  if (bytes.length < recordHeader + 1 || !isVersion || length === 0) return "no";
  const end = recordHeader + length;
  if (hasConnectionId(bytes)) return "yes";
  if (end > bytes.length) return context.last && bytes[0] === handshake && u16At(bytes, 3) === 0 ? "yes" : "no";
  // A server's hello of version 1.3 may be followed by what is enciphered.
  const next = bytes[end] ?? 0;
  const mayBeUnified = version === version12 && isUnifiedFirst(next);
  if (end < bytes.length && !mayBeUnified && (!isDtlsFirst(next) || u16At(bytes, end + 1) !== version)) {
    return "no";
  }
  // Epoch 0 is in clear: a handshake message with lengths that agree.
  if (bytes[0] !== handshake || u16At(bytes, 3) !== 0) return "yes";
  const total = u24At(bytes, recordHeader + 1);
  const part = u24At(bytes, recordHeader + 9);
  return part >= 0 && u24At(bytes, recordHeader + 6) + part <= total && part <= length - messageHeader ? "yes" : "no";
}

export function parseDtls(bytes: Uint8Array, context: DissectContext): Verdict {
  const tls: TlsFacts = {};
  const none: Verdict = { kind: "match", name: "dtls", facts: { tls }, complete: false };
  const type = bytes[recordHeader]!;
  if (bytes[0] !== handshake || u16At(bytes, 3) !== 0 || !hellos.includes(type)) return none;
  const start = recordHeader + messageHeader;
  const end = start + u24At(bytes, recordHeader + 9);
  const isWhole =
    u24At(bytes, recordHeader + 6) === 0 && u24At(bytes, recordHeader + 1) === u24At(bytes, recordHeader + 9);
  if (!isWhole && type !== handshakeType.clientHello) return none;
  if (type === handshakeType.clientHello) {
    const body = isWhole ? undefined : assemble(bytes, context);
    if (!isWhole && body === undefined) return none;
    const hello =
      body === undefined ? parseClientHello(bytes, start, end, true) : parseClientHello(body, 0, body.length, true);
    if (hello === undefined) return none;
    Object.assign(tls, clientFacts(hello, "d", context));
    const name = tls.sni === undefined ? {} : { hostname: tls.sni, hostnameSource: "sni" as const };
    return { kind: "match", name: "dtls", facts: { tls }, complete: false, ...name };
  }
  const hello = type === handshakeType.serverHello ? parseServerHello(bytes, start, end) : undefined;
  if (hello === undefined) return none;
  const version = tlsVersionName(hello.selectedVersion ?? hello.legacyVersion);
  if (version !== undefined) tls.version = version;
  tls.cipher_suite = cipherSuiteName(hello.cipherSuite);
  return { kind: "match", name: "dtls", facts: { tls }, complete: true };
}
