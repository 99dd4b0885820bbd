/**
 * Oracle Net (TNS): which service is asked for, and how the listener answers. No users, no SQL.
 *
 * Oracle publishes no document; the layout is that of the connect packet as Oracle Net's trace files print it, and the
 * connect descriptor is in Oracle's "Net Services Reference", chapter 6.
 *
 *   packet  = length(2) checksum(2: 0) type(1) flags(1) header-checksum(2: 0) body
 *   CONNECT = version(2) compatible(2) options(2) SDU(2) TDU(2) ... at 24: data length(2) data offset(2);  data = "(DESCRIPTION=..."
 *   DATA    = flags(2) ...
 *
 * Evidence: a CONNECT whose version exists and whose descriptor is where it says, or (on the port) an answer with its own length, or data that
 * fits up to its end.
 */
import { asciiText, escapeControls, indexOfByte, u16At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 8;
const port = 1521;
const connect = 1;
const answers: ReadonlyMap<number, string> = new Map([
  [2, "accept"],
  [4, "refuse"],
  [5, "redirect"],
  [11, "resend"],
]);
/** Data and markers. */
const later: readonly number[] = [6, 12];
const maxPackets = 32;
const connectHead = 28;
const maxPacket = 8192;

export function isOracleFirst(byte: number): boolean {
  return byte < maxPacket >> 8;
}

const isVersion = (version: number): boolean => version >= 300 && version <= 330;

export function probeOracle(bytes: Uint8Array, context: DissectContext): Likeness {
  const checked = bytes[0] === 0 && bytes[1] === 0 ? [6, 7] : [2, 3, 6, 7];
  for (const at of checked) if (at < bytes.length && bytes[at] !== 0) return "no";
  const type = bytes[4];
  if (type !== undefined && !later.includes(type) && (context.toServer ? type !== connect : !answers.has(type))) {
    return "no";
  }
  if (bytes.length < headerLength) return undecided(context.last);
  const length = u16At(bytes, 0);
  if (later.includes(type!)) return probeLater(bytes, context);
  if (length < headerLength || length > maxPacket) return "no";
  if (type !== connect) return probeAnswer(bytes, length, context);
  if (bytes.length < connectHead) return length > connectHead ? undecided(context.last) : "no";
  const version = u16At(bytes, 8);
  const compatible = u16At(bytes, 10);
  const at = u16At(bytes, 26);
  if (!isVersion(version) || compatible > version || compatible < 100 || at < 34 || at > 255) return "no";
  // A long descriptor follows in a packet of its own.
  const isLater = at === length;
  if (!isLater && at + u16At(bytes, 24) !== length) return "no";
  if (bytes.length <= at) return isLater && bytes.length === length ? "yes" : undecided(context.last);
  return isLater || bytes[at] === 0x28 ? "yes" : "no";
}

/**
 * Of a session that was joined later, on the port: packets of data or markers that fit up to the end of what was sent. Since version
 * 315 their length has four bytes, which stand where length and checksum stood.
 */
function probeLater(bytes: Uint8Array, context: DissectContext): Likeness {
  if (context.serverPort !== port) return "no";
  let at = 0;
  for (let count = 0; count < maxPackets && at + headerLength <= bytes.length; count++) {
    const short = u16At(bytes, at);
    const length = short === 0 ? u16At(bytes, at + 2) : short;
    if (!later.includes(bytes[at + 4]!) || length < headerLength + 2) return "no";
    at += length;
  }
  return at === bytes.length ? "yes" : at > bytes.length ? undecided(context.last) : "no";
}

function probeAnswer(bytes: Uint8Array, length: number, context: DissectContext): Likeness {
  if (context.serverPort !== port) return "no";
  const type = bytes[4]!;
  if (type === 11) return length === headerLength && bytes.length === length ? "yes" : "no";
  if (type === 2) return isVersion(u16At(bytes, 8)) ? "yes" : "no";
  const open = indexOfByte(bytes, 0x28, headerLength, headerLength + 8);
  return open > 0 && bytes.length >= length ? "yes" : "no";
}

export function parseOracle(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < headerLength) return { kind: "needMore", bytes: headerLength };
  const oracle: Record<string, unknown> = {};
  const answer = context.toServer ? undefined : answers.get(bytes[4]!);
  if (answer !== undefined) {
    oracle["answer"] = answer;
    if (answer === "accept") oracle["version"] = u16At(bytes, 8);
    return {
      kind: "match",
      name: "oracle",
      facts: { oracle },
      complete: answer !== "resend",
      done: answer !== "resend",
    };
  }
  if (bytes[4] !== connect) {
    const isLater = later.includes(bytes[4]!);
    return { kind: "match", name: "oracle", facts: { oracle }, complete: isLater && !context.toServer, done: isLater };
  }
  const length = u16At(bytes, 0);
  // A descriptor that does not fit into the first packet follows in a data packet.
  const text = asciiText(bytes, u16At(bytes, 26), Math.max(length, bytes.length), 2048);
  const value = (name: string): string | undefined =>
    new RegExp(`\\(${name}=([^()=]{1,128})\\)`, "i").exec(text)?.[1]?.trim();
  oracle["client_version"] = u16At(bytes, 8);
  for (const [name, key] of [
    ["service_name", "SERVICE_NAME"],
    ["sid", "SID"],
    ["program", "PROGRAM"],
  ] as const) {
    const found = value(key);
    // The program's folder may carry a person's name.
    if (found !== undefined) oracle[name] = escapeControls(found.replace(/^.*[\\/]/, ""));
  }
  return { kind: "match", name: "oracle", facts: { oracle }, complete: false };
}
