/**
 * IEC 60870-5-104: which kind of frame comes first, and of what type the data is. No addresses of points, no values.
 *
 * IEC 60870-5-104 section 5 (APCI: I, S and U formats), IEC 60870-5-101 section 7.2.1 (type identification), 7.2.3 (cause).
 *
 *   APDU = 0x68 length(1: 4 to 253) control(4) [type(1) qualifier(1) cause(1) originator(1) address(2) objects]
 *   U    = (0x07 | 0x0B | 0x13 | 0x23 | 0x43 | 0x83) 0 0 0;  S = 1 0 received(2: even);  I = sent(2: even) received(2: even)
 *
 * Evidence: a U frame, all of it constant, or on port 2404 frames that fit up to the end of what was sent.
 */
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const start = 0x68;
const port = 2404;
const controlLength = 4;
const longest = 253;
const shortestData = 10;
const lastType = 127;
const lastCause = 47;
const maxFrames = 16;
const commands: ReadonlyMap<number, string> = new Map([
  [0x07, "startdt_act"],
  [0x0b, "startdt_con"],
  [0x13, "stopdt_act"],
  [0x23, "stopdt_con"],
  [0x43, "testfr_act"],
  [0x83, "testfr_con"],
]);

export function isIec104First(byte: number): boolean {
  return byte === start;
}

/** "u", "s" or "i", the format of the frame at `at`; undefined when there is none. Its control field must be there. */
function formatAt(bytes: Uint8Array, at: number): "u" | "s" | "i" | undefined {
  const length = bytes[at + 1]!;
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at + 2, at + 2 + controlLength);
  if (bytes[at] !== start || length < controlLength || length > longest) return undefined;
  if ((first & 3) === 3) {
    return commands.has(first) && length === controlLength && (second | third | fourth) === 0 ? "u" : undefined;
  }
  if ((third & 1) !== 0) return undefined;
  if ((first & 3) === 1) return first === 1 && second === 0 && length === controlLength ? "s" : undefined;
  const type = bytes[at + 6] ?? 1;
  const cause = (bytes[at + 8] ?? 1) & 0x3f;
  return length >= shortestData && type >= 1 && type <= lastType && cause >= 1 && cause <= lastCause ? "i" : undefined;
}

export function probeIec104(bytes: Uint8Array, context: DissectContext): Likeness {
  const isOwn = context.serverPort === port || context.clientPort === port;
  if (bytes.length < 2 + controlLength) return undecided(context.last);
  const first = formatAt(bytes, 0);
  if (first === undefined || (first !== "u" && !isOwn)) return "no";
  let at = 0;
  for (let count = 0; count < maxFrames && at + 2 + controlLength <= bytes.length; count++) {
    if (formatAt(bytes, at) === undefined) return "no";
    at += 2 + bytes[at + 1]!;
  }
  // A first frame that is cut has shown too little.
  return at <= bytes.length || 2 + bytes[1]! <= bytes.length ? "yes" : undecided(context.last);
}

export function parseIec104(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < 2 + controlLength) return { kind: "needMore", bytes: 2 + controlLength };
  const format = formatAt(bytes, 0);
  if (format === undefined) return { kind: "notMine" };
  const iec104: Record<string, unknown> = {};
  if (format === "u") iec104["command"] = commands.get(bytes[2]!);
  if (format === "i" && bytes.length > 6) iec104["type"] = bytes[6];
  return { kind: "match", name: "iec104", facts: { iec104 }, complete: !context.toServer, done: true };
}
