/**
 * Syslog: facility and severity. No messages.
 *
 * RFC 5424 section 6 (messages), RFC 3164 section 4 (BSD form), RFC 5426 (UDP).
 *
 *   "<" PRI ">" ("1" SP timestamp SP ... | Mmm SP dd SP hh:mm:ss SP ... | text)
 *
 * Evidence: a priority that exists and a version or date behind it; the priority alone on port 514.
 */
import { asciiText } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const syslogPort = 514;
const headLength = 48;
const priority = /^<(0|[1-9]\d{0,2})>/;
const dated =
  /^<\d{1,3}>(1 (\d{4}-\d\d-\d\dT|- )|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d )/;
const lastPriority = 191;

export function isSyslogFirst(byte: number): boolean {
  return byte === 0x3c;
}

function priorityOf(bytes: Uint8Array): number {
  const found = priority.exec(asciiText(bytes, 0, 5));
  const value = found === null ? -1 : Number(found[1]);
  return value <= lastPriority ? value : -1;
}

export function probeSyslog(bytes: Uint8Array, context: DissectContext): Likeness {
  if (priorityOf(bytes) < 0) return "no";
  const isOwn = context.serverPort === syslogPort || context.clientPort === syslogPort;
  return isOwn || dated.test(asciiText(bytes, 0, headLength)) ? "yes" : "no";
}

export function parseSyslog(bytes: Uint8Array): Verdict {
  const value = priorityOf(bytes);
  if (value < 0) return { kind: "notMine" };
  const facts = { syslog: { facility: value >> 3, severity: value & 7 } };
  return { kind: "match", name: "syslog", facts, complete: true };
}
