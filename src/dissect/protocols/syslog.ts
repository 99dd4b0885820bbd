/**
 * Syslog: facility and severity. No messages.
 *
 * RFC 5424 section 6 (messages), RFC 3164 section 4 (BSD form), RFC 5426 (UDP), RFC 6587 section 3.4 (TCP).
 *
 *   "<" PRI ">" ("1" SP timestamp SP ... | Mmm SP dd SP hh:mm:ss SP ... | text)
 *   on TCP: [length SP] message, the next frame's length right behind it; or messages that end with LF
 *
 * Evidence: a priority that exists and a version or date behind it; over UDP the priority alone on port 514.
 */
import { asciiText } from "../../bytes/index.ts";
import { isPrintable, nextLine, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const syslogPort = 514;
const headLength = 48;
/** Of streams: RFC 3195's and the one that most use. */
const ports: readonly number[] = [514, 601];
const maxLine = 8192;
const priority = /^<(0|[1-9]\d{0,2})>/;
const month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
/**
 * What stands behind the priority: RFC 5424, RFC 3164 (with a year, as some have it, or with RFC 3339's time), routers' numbered lines
 * with their "%FACILITY-5-NAME", and the heads of two formats of events.
 */
const dated = new RegExp(
  "^<\\d{1,3}>(?:1 (?:\\d{4}-\\d\\d-\\d\\dT|- )|" +
    `${month} [ \\d]\\d (?:\\d{4} )?\\d\\d:\\d\\d:\\d\\d|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:|` +
    `(?:\\d{1,10}: )?(?:[*.]?${month} [ \\d]\\d \\d\\d:\\d\\d|%[A-Z0-9_]{2,32}-[0-7]-[A-Z])|date=\\d{4}-\\d\\d-\\d\\d|CEF:\\d\\||LEEF:\\d)`,
);
const lastPriority = 191;
/** RFC 6587 section 3.4.1: MSG-LEN has no leading zero; five digits are more than any receiver must take. */
const frame = /^([1-9]\d{0,4}) </;
const begunFrame = /^[1-9]\d{0,4} ?$/;
const begunPriority = /^<(0|[1-9]\d{0,2})?$/;
/** What stands behind the priority: "d" is a digit, "D" a digit or space, "M" a letter. */
const shapes = ["1 dddd-dd-ddT", "1 - ", "MMM Dd dd:dd:dd "];

export function isSyslogFirst(byte: number): boolean {
  return byte === 0x3c;
}

/** A stream's first byte: of a message, or of the length before it. */
export function isSyslogStreamFirst(byte: number): boolean {
  return isSyslogFirst(byte) || (byte >= 0x31 && byte <= 0x39);
}

function fitsShape(text: string, shape: string): boolean {
  for (let at = 0; at < Math.min(text.length, shape.length); at++) {
    const letter = text[at]!;
    const asked = shape[at]!;
    const isDigit = letter >= "0" && letter <= "9";
    if (asked === "d" ? !isDigit : asked === "D" ? !isDigit && letter !== " " : asked !== "M" && letter !== asked) {
      return false;
    }
  }
  return true;
}

/** Offset of the message in a stream's first frame, or -1 when there is no length that a message follows. */
function messageStart(bytes: Uint8Array): number {
  if (bytes[0] === 0x3c) return 0;
  const found = frame.exec(asciiText(bytes, 0, 7));
  return found === null ? -1 : found[1]!.length + 1;
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

export function probeSyslogStream(bytes: Uint8Array, context: DissectContext): Likeness {
  const start = messageStart(bytes);
  if (start < 0) return begunFrame.test(asciiText(bytes, 0, 7)) ? undecided(context.last) : "no";
  const message = bytes.subarray(start);
  const text = asciiText(message, 0, headLength);
  const close = text.indexOf(">");
  if (close < 0) return begunPriority.test(text) ? undecided(context.last) : "no";
  if (priorityOf(message) < 0) return "no";
  if (dated.test(text)) return isFollowedByFrame(bytes, start) ? "yes" : "no";
  const rest = text.slice(close + 1);
  if (ports.includes(context.serverPort) && start === 0) return probeLine(message, context.last);
  const isBegun = shapes.some((shape) => rest.length < shape.length && fitsShape(rest, shape));
  return isBegun ? undecided(context.last) : "no";
}

/** On its ports a line of text behind the priority is enough. */
function probeLine(bytes: Uint8Array, last: boolean): Likeness {
  const end = nextLine(bytes, 0);
  const length = end < 0 ? bytes.length : end;
  if (length > maxLine || !isPrintable(bytes, 0, length)) return "no";
  return end > 0 ? "yes" : undecided(last);
}

/** Whether the frame's length, where it has one, leads to the digit of the next one (or beyond what is there). */
function isFollowedByFrame(bytes: Uint8Array, start: number): boolean {
  if (start === 0) return true;
  const next = bytes[start + Number(asciiText(bytes, 0, start - 1))];
  return next === undefined || (next >= 0x31 && next <= 0x39);
}

export function parseSyslogStream(bytes: Uint8Array): Verdict {
  const start = messageStart(bytes);
  return start < 0 ? { kind: "notMine" } : parseSyslog(bytes.subarray(start));
}
