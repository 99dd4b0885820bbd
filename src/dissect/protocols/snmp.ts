/**
 * SNMP v1, v2c and v3: version and kind of request. No community names, no values.
 *
 * RFC 1157 section 4 (v1), RFC 3416 section 3 (PDUs), RFC 3412 section 6 (v3 message format).
 *
 *   v1, v2c ::= SEQUENCE { version INTEGER, community OCTET STRING, [n] PDU }
 *   v3      ::= SEQUENCE { 3, SEQUENCE { id, size, flags(1), model }, security OCTET STRING, data }
 */
import { berTag, contentLength, contentStart, element, integerValue } from "../ber.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const pduTypes =
  "get_request get_next_request response set_request trap get_bulk_request inform_request trap_v2 report".split(" ");
const firstPdu = 0xa0;
const lastPdu = 0xa8;
const ports: readonly number[] = [161, 162];

export function isSnmpFirst(byte: number): boolean {
  return byte === berTag.sequence;
}

/** Version (0, 1, 3) and the tag of the PDU (0 in v3: it may be encrypted); undefined when it is no SNMP. */
function read(bytes: Uint8Array): { version: number; pdu: number } | undefined {
  const message = element(bytes, 0, bytes.length);
  if (message?.tag !== berTag.sequence || message.end !== bytes.length) return undefined;
  const versionElement = element(bytes, message.start, message.end);
  if (versionElement?.tag !== berTag.integer) return undefined;
  const version = integerValue(bytes, versionElement);
  const second = element(bytes, versionElement.end, message.end);
  const third = second && element(bytes, second.end, message.end);
  if (second === undefined || third === undefined) return undefined;
  if (version === 3) {
    const isHead = second.tag === berTag.sequence && third.tag === berTag.octetString;
    const id = element(bytes, second.start, second.end);
    const size = id && element(bytes, id.end, second.end);
    const flags = size && element(bytes, size.end, second.end);
    const isFlags = flags?.tag === berTag.octetString && flags.end - flags.start === 1;
    return isHead && id?.tag === berTag.integer && size?.tag === berTag.integer && isFlags
      ? { version, pdu: 0 }
      : undefined;
  }
  const isPdu = third.tag >= firstPdu && third.tag <= lastPdu && third.end === message.end;
  const isKnown = version === 0 || version === 1;
  return isKnown && second.tag === berTag.octetString && isPdu ? { version, pdu: third.tag } : undefined;
}

/** A message that was cut: on its ports, by its version and what follows that. */
function isCut(bytes: Uint8Array, context: DissectContext): boolean {
  const isOwn = ports.includes(context.serverPort) || ports.includes(context.clientPort);
  const start = contentStart(bytes, 0);
  if (!isOwn || !context.last || start < 0 || start + contentLength(bytes, 0) <= bytes.length) return false;
  const version = element(bytes, start, bytes.length);
  const number = version?.tag === berTag.integer ? integerValue(bytes, version) : -1;
  const second = version === undefined ? undefined : element(bytes, version.end, bytes.length);
  if (number === 3) return second?.tag === berTag.sequence;
  const pdu = second?.tag === berTag.octetString ? (bytes[second.end] ?? 0) : 0;
  return (number === 0 || number === 1) && pdu >= firstPdu && pdu <= lastPdu;
}

export function probeSnmp(bytes: Uint8Array, context: DissectContext): Likeness {
  return read(bytes) !== undefined || isCut(bytes, context) ? "yes" : "no";
}

export function parseSnmp(bytes: Uint8Array, context: DissectContext): Verdict {
  const found = read(bytes);
  if (found === undefined) {
    return isCut(bytes, context)
      ? { kind: "match", name: "snmp", facts: { snmp: {} }, complete: false }
      : { kind: "notMine" };
  }
  const type = found.pdu === 0 ? undefined : pduTypes[found.pdu - firstPdu];
  const version = found.version === 3 ? 3 : found.version + 1;
  const snmp = context.toServer && type !== undefined ? { version, pdu_type: type } : { version };
  return { kind: "match", name: "snmp", facts: { snmp }, complete: context.toServer };
}
