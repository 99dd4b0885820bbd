/**
 * Subject, issuer and validity of an X.509 certificate: the few fields of RFC 5280 section 4.1 that are worth showing,
 * by a bounded walk over DER (X.690).
 *
 *   Certificate ::= SEQUENCE { SEQUENCE { [0] version?, serial, algorithm, issuer, validity, subject, ... }, ... }
 *   Name        ::= SEQUENCE OF SET OF SEQUENCE { OBJECT IDENTIFIER, string }
 */
import { asciiText, escapeControls, latin1Text, utf8Text } from "../bytes/index.ts";
import { contentStart, element } from "./ber.ts";
import type { Element } from "./ber.ts";

export interface CertificateFacts {
  subject?: string;
  issuer?: string;
  /** "2026-01-31T00:00:00", UTC. */
  notBefore?: string;
  notAfter?: string;
}

const tag = {
  integer: 0x02,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
};
const versionTag = 0xa0;
const maxNameParts = 16;
const maxPartLength = 128;

/** Short names of RFC 4514 section 3 and their neighbours, by the OID's DER content. */
const attributeNames: ReadonlyMap<string, string> = new Map([
  ["\x55\x04\x03", "CN"],
  ["\x55\x04\x05", "serialNumber"],
  ["\x55\x04\x06", "C"],
  ["\x55\x04\x07", "L"],
  ["\x55\x04\x08", "ST"],
  ["\x55\x04\x09", "street"],
  ["\x55\x04\x0a", "O"],
  ["\x55\x04\x0b", "OU"],
  ["\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC"],
  ["\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "emailAddress"],
]);

function stringValue(bytes: Uint8Array, value: Element): string {
  const { start, end } = value;
  if (value.tag === tag.utf8) return utf8Text(bytes, start, end, maxPartLength);
  if (value.tag !== tag.bmp) return latin1Text(bytes, start, end, maxPartLength);
  let text = "";
  for (let at = start; at + 1 < end && text.length < maxPartLength; at += 2) {
    text += String.fromCharCode((bytes[at]! << 8) | bytes[at + 1]!);
  }
  return text;
}

/** "C=US, O=Example, CN=example.org", in the order of the certificate. */
function nameText(bytes: Uint8Array, name: Element): string {
  const parts: string[] = [];
  for (let at = name.start; at < name.end && parts.length < maxNameParts;) {
    const set = element(bytes, at, name.end);
    if (set === undefined) break;
    at = set.end;
    const pair = element(bytes, set.start, set.end);
    const oid = pair && element(bytes, pair.start, pair.end);
    const value = oid && element(bytes, oid.end, pair.end);
    if (oid === undefined || value === undefined || oid.tag !== tag.oid) continue;
    const key = attributeNames.get(latin1Text(bytes, oid.start, oid.end, 32));
    if (key !== undefined) parts.push(`${key}=${escapeControls(stringValue(bytes, value))}`);
  }
  return parts.join(", ");
}

/** UTCTime (two-digit years: RFC 5280 section 4.1.2.5.1) or GeneralizedTime as ISO 8601 without zone. */
function timeText(bytes: Uint8Array, time: Element): string | undefined {
  const text = asciiText(bytes, time.start, time.end, 20);
  const digits = time.tag === tag.utcTime ? (text < "50" ? "20" : "19") + text : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  return parts === null ? undefined : `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}`;
}

/** Reads a certificate in `bytes[start, end)`; what is cut off or odd is absent. */
export function parseCertificate(bytes: Uint8Array, start: number, end: number): CertificateFacts {
  const facts: CertificateFacts = {};
  const bounded = Math.min(end, bytes.length);
  // The outer lengths may reach past what was captured: only their headers are passed over.
  const outer = contentStart(bytes, start);
  const body = contentStart(bytes, outer);
  if (body < 0 || bytes[start] !== tag.sequence || bytes[outer] !== tag.sequence) return facts;
  let next = element(bytes, body, bounded);
  if (next?.tag === versionTag) next = element(bytes, next.end, bounded);
  if (next?.tag !== tag.integer) return facts;
  const algorithm = element(bytes, next.end, bounded);
  const issuer = algorithm && element(bytes, algorithm.end, bounded);
  if (issuer?.tag !== tag.sequence) return facts;
  facts.issuer = nameText(bytes, issuer);
  const validity = element(bytes, issuer.end, bounded);
  if (validity?.tag !== tag.sequence) return facts;
  const notBefore = element(bytes, validity.start, validity.end);
  const notAfter = notBefore && element(bytes, notBefore.end, validity.end);
  const before = notBefore && timeText(bytes, notBefore);
  const after = notAfter && timeText(bytes, notAfter);
  if (before !== undefined) facts.notBefore = before;
  if (after !== undefined) facts.notAfter = after;
  const subject = element(bytes, validity.end, bounded);
  if (subject?.tag === tag.sequence) facts.subject = nameText(bytes, subject);
  return facts;
}
