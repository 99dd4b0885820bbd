/**
 * LDAP over TCP and CLDAP over UDP: the operation, and whether the session goes over to TLS. No names, filters, passwords.
 *
 * RFC 4511 sections 4.1.1 (envelope), 4.2 (bind), 4.5 (search), 4.14 (StartTLS); X.690 (BER).
 *
 *   LDAPMessage ::= SEQUENCE { messageID INTEGER, protocolOp [APPLICATION n] ..., controls [0]? }
 */
import { asciiText, u16At, u32At } from "../../bytes/index.ts";
import { berTag, contentLength, contentStart, element, integerValue } from "../ber.ts";
import { recall } from "../flow-memory.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

/** Tags of operations, section 4.2 and following. */
const operations: ReadonlyMap<number, string> = new Map([
  [0x60, "bind_request"],
  [0x61, "bind_response"],
  [0x42, "unbind_request"],
  [0x63, "search_request"],
  [0x64, "search_result_entry"],
  [0x65, "search_result_done"],
  [0x66, "modify_request"],
  [0x68, "add_request"],
  [0x4a, "del_request"],
  [0x67, "modify_response"],
  [0x69, "add_response"],
  [0x6b, "del_response"],
  [0x6c, "modify_dn_request"],
  [0x6d, "modify_dn_response"],
  [0x6e, "compare_request"],
  [0x6f, "compare_response"],
  [0x50, "abandon_request"],
  [0x79, "intermediate_response"],
  [0x73, "search_result_reference"],
  [0x77, "extended_request"],
  [0x78, "extended_response"],
]);
const startTlsOid = "1.3.6.1.4.1.1466.20037";
const requestName = 0x80;
const controls = 0xa0;
const ports: readonly number[] = [389, 3268];
const simple = 0x80;
const sasl = 0xa3;
/** GSS-SPNEGO and Sicily binds of Active Directory, [MS-ADTS] section 5.1.1.1. */
const sicily = [0x89, 0x8a, 0x8b];

interface LdapMemory {
  startTls: boolean;
}

export function isLdapFirst(byte: number): boolean {
  return byte === berTag.sequence;
}

/** A stream may begin with the length of what SASL protects. */
export function isLdapStreamFirst(byte: number): boolean {
  return byte === berTag.sequence || byte === 0;
}

/**
 * RFC 4422 section 3.7 and RFC 4121 section 4.2.6.2: on the port, a length and a token of Kerberos (0x0504), of GSS-API (0x60) or of
 * NTLM (version 1) behind it, in messages that fit.
 */
function probeSecured(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!ports.includes(context.serverPort) || (bytes.length > 1 && bytes[1] !== 0)) return "no";
  if (bytes.length < 8) return undecided(context.last);
  const isToken = u16At(bytes, 4) === 0x0504 || bytes[4] === 0x60 || u32At(bytes, 4) === 0x0100_0000;
  return isToken && u32At(bytes, 0) >= 16 && (bytes.length <= 4 + u32At(bytes, 0) || bytes[4 + u32At(bytes, 0)] === 0)
    ? "yes"
    : "no";
}

/** Offset of the operation's tag; -1: it does not fit, -2: cut off. */
function operationAt(bytes: Uint8Array): number {
  const start = contentStart(bytes, 0);
  if (start < 0) return bytes.length < 6 ? -2 : -1;
  if (bytes.length < start + 7) return -2;
  const id = element(bytes, start, bytes.length);
  if (id?.tag !== berTag.integer || integerValue(bytes, id) < 0) return -1;
  return id.end;
}

/** Whether the operation at `at` has the inside that its tag asks for. */
function fits(bytes: Uint8Array, at: number, isOwn: boolean): Likeness {
  if (at >= bytes.length) return "more";
  const outside = contentLength(bytes, 0);
  const inside = contentLength(bytes, at);
  const start = contentStart(bytes, at);
  if (!operations.has(bytes[at]!) || bytes[0] !== berTag.sequence) return "no";
  if (start < 0) return "more";
  if (start + inside > contentStart(bytes, 0) + outside) return "no";
  const first = element(bytes, start, bytes.length);
  switch (bytes[at]) {
    case 0x60: {
      if (first === undefined) return "more";
      const version = first.tag === berTag.integer ? integerValue(bytes, first) : -1;
      const name = element(bytes, first.end, bytes.length);
      if (version !== 2 && version !== 3) return "no";
      if (name === undefined) return "more";
      const method = bytes[name.end];
      const isMethod = method === undefined || method === simple || method === sasl || sicily.includes(method);
      return name.tag === berTag.octetString && isMethod ? "yes" : "no";
    }
    case 0x63: {
      if (first === undefined) return "more";
      const scope = element(bytes, first.end, bytes.length);
      const aliases = scope && element(bytes, scope.end, bytes.length);
      if (aliases === undefined) return "more";
      const enumerations = scope!.tag === berTag.enumerated && aliases.tag === berTag.enumerated;
      const inRange = integerValue(bytes, scope!) <= 3 && integerValue(bytes, aliases) <= 3;
      return first.tag === berTag.octetString && enumerations && inRange ? "yes" : "no";
    }
    case 0x77:
      return first === undefined ? "more" : first.tag === requestName ? "yes" : "no";
    case 0x64:
      return first === undefined ? "more" : first.tag === berTag.octetString ? "yes" : "no";
    case 0x61:
    case 0x65:
    case 0x78: {
      if (first === undefined) return "more";
      const matched = element(bytes, first.end, bytes.length);
      if (matched === undefined) return "more";
      return first.tag === berTag.enumerated && matched.tag === berTag.octetString ? "yes" : "no";
    }
    default:
      // RFC 4511 section 4.1.1: only controls may follow the operation. Too little for other ports.
      return isOwn ? closes(bytes, start + inside, contentStart(bytes, 0) + outside) : "no";
  }
}

/** Whether an operation that ends at `end` is the last thing in its message, but for controls. */
function closes(bytes: Uint8Array, end: number, messageEnd: number): Likeness {
  if (end === messageEnd) return "yes";
  return end >= bytes.length ? "more" : bytes[end] === controls ? "yes" : "no";
}

export function probeLdap(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes[0] === 0) return probeSecured(bytes, context);
  const at = operationAt(bytes);
  if (at === -1) return "no";
  const likeness = at === -2 ? "more" : fits(bytes, at, ports.includes(context.serverPort));
  if (likeness !== "more") return likeness;
  return context.transport === "udp" ? "no" : undecided(context.last);
}

export function parseLdap(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<LdapMemory>(context, "ldap", () => ({ startTls: false }));
  const name = context.transport === "udp" ? "cldap" : "ldap";
  if (bytes[0] === 0) return { kind: "match", name, facts: { [name]: { secured: true } }, complete: true };
  const at = operationAt(bytes);
  if (at < 0) return at === -2 ? { kind: "needMore", bytes: bytes.length + 1 } : { kind: "notMine" };
  const operation = operations.get(bytes[at]!);
  const end = contentStart(bytes, 0) + contentLength(bytes, 0);
  const oid = bytes[at] === 0x77 ? element(bytes, contentStart(bytes, at), bytes.length) : undefined;
  if (oid !== undefined && asciiText(bytes, oid.start, oid.end, 64) === startTlsOid) {
    memory.startTls = true;
    return { kind: "match", name, facts: { [name]: { starttls: true } }, complete: false, handover: end };
  }
  if (bytes[at] === 0x78 && memory.startTls && end < bytes.length) {
    return { kind: "match", name, facts: { [name]: {} }, complete: false, handover: end };
  }
  const facts = context.toServer && operation !== undefined ? { operation } : {};
  const isUpgrading = memory.startTls && bytes[at] === 0x78;
  return { kind: "match", name, facts: { [name]: facts }, complete: context.toServer && !isUpgrading };
}
