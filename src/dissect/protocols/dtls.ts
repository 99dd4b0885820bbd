/**
 * DTLS 1.0, 1.2 and 1.3: who is asked for, and what was agreed.
 *
 * RFC 6347 sections 4.1 (records) and 4.2 (handshake), RFC 9147 section 4.
 *
 *   record    = type(1) version(2) epoch(2) sequence(6) length(2) fragment
 *   handshake = type(1) length(3) sequence(2) offset(3) length(3) body
 *
 * A ClientHello in one fragment is read; in several it is only recognised.
 */
import { u16At, u24At } from "../../bytes/index.ts";
import { cipherSuiteName } from "../tls-cipher-suites.ts";
import { handshakeType, parseClientHello, parseServerHello, tlsVersionName } from "../tls-handshake.ts";
import { clientFacts } from "./tls.ts";
import type { TlsFacts } from "../../model/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const recordHeader = 13;
const messageHeader = 12;
const handshake = 22;
const hellos: readonly number[] = [handshakeType.clientHello, handshakeType.serverHello, 3];

export function isDtlsFirst(byte: number): boolean {
  return byte >= 20 && byte <= 25;
}

export function probeDtls(bytes: Uint8Array, context: DissectContext): Likeness {
  const version = u16At(bytes, 1);
  const isVersion = version === 0xfeff || version === 0xfefd || version === 0x0100;
  const length = u16At(bytes, 11);
  if (bytes.length < recordHeader + 1 || !isVersion || length === 0) return "no";
  const end = recordHeader + length;
  if (end > bytes.length) return context.last && bytes[0] === handshake && u16At(bytes, 3) === 0 ? "yes" : "no";
  if (end < bytes.length && (!isDtlsFirst(bytes[end]!) || u16At(bytes, end + 1) !== version)) return "no";
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
  if (!isWhole) return none;
  if (type === handshakeType.clientHello) {
    const hello = parseClientHello(bytes, start, end, true);
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
