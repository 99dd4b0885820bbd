/**
 * ZooKeeper: a session that is opened, or which of the four-letter words is asked. No paths, no data.
 *
 * Apache ZooKeeper's zookeeper.jute (ConnectRequest, ConnectResponse; big-endian, length(4) before each record), Programmer's
 * Guide, "The Four Letter Words".
 *
 *   request  = length(4: 44 | 45) version(4: 0) last-seen(8) timeout(4) session(8) 16(4) password(16) [read-only(1)]
 *   response = length(4: 36 | 37) version(4: 0) timeout(4) session(8) 16(4) password(16) [read-only(1)]
 *
 * Evidence: these lengths and numbers where they must be; a word only on the port, where it is all that comes.
 */
import { asciiText, u32At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const port = 2181;
const words = [
  "conf",
  "cons",
  "crst",
  "dump",
  "envi",
  "ruok",
  "srst",
  "srvr",
  "stat",
  "wchs",
  "wchc",
  "wchp",
  "mntr",
  "isro",
];
const passwordLength = 16;
const maxTimeout = 86_400_000;
const ping: readonly number[] = [0, 0, 0, 8, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 11];
const lengthsToServer = [44, 45];
const lengthsToClient = [36, 37];

export function isZookeeperFirst(byte: number): boolean {
  return byte === 0 || words.some((word) => word.charCodeAt(0) === byte);
}

function isWord(bytes: Uint8Array): boolean {
  const end = bytes[bytes.length - 1] === 0x0a ? bytes.length - 1 : bytes.length;
  return end === 4 && words.includes(asciiText(bytes, 0, end));
}

/** A session that goes on: a request with the number -2 and the code 11 has nothing else in it. */
function isPing(bytes: Uint8Array): boolean {
  return bytes.length >= ping.length && ping.every((byte, at) => bytes[at] === byte);
}

function isPingBegun(bytes: Uint8Array): boolean {
  return bytes.every((byte, at) => byte === ping[at]);
}

export function probeZookeeper(bytes: Uint8Array, context: DissectContext): Likeness {
  if (isPing(bytes)) return "yes";
  if (bytes[0] !== 0) return context.toServer && context.serverPort === port && isWord(bytes) ? "yes" : "no";
  if (bytes.length < 12 && isPingBegun(bytes)) return undecided(context.last);
  for (const at of [1, 2, 4, 5, 6, 7]) if (at < bytes.length && bytes[at] !== 0) return "no";
  const lengths = context.toServer ? lengthsToServer : lengthsToClient;
  if (bytes.length > 3 && !lengths.includes(bytes[3]!)) return "no";
  const whole = 4 + (bytes[3] ?? 0);
  if (bytes.length < 4 || bytes.length < whole) return undecided(context.last);
  const timeoutAt = context.toServer ? 16 : 8;
  const timeout = u32At(bytes, timeoutAt);
  if (timeout > maxTimeout || u32At(bytes, timeoutAt + 12) !== passwordLength) return "no";
  const hasReadOnly = (whole & 1) === 1;
  if (hasReadOnly && bytes[whole - 1]! > 1) return "no";
  // A new session has neither number nor password; a timeout of 0 is a refusal.
  return context.toServer && timeout === 0 ? "no" : "yes";
}

export function parseZookeeper(bytes: Uint8Array, context: DissectContext): Verdict {
  const zookeeper: Record<string, unknown> = {};
  if (bytes[0] !== 0 && context.toServer) {
    if (!isWord(bytes)) return { kind: "notMine" };
    zookeeper["command"] = asciiText(bytes, 0, 4);
    return { kind: "match", name: "zookeeper", facts: { zookeeper }, complete: true };
  }
  if (isPing(bytes)) return { kind: "match", name: "zookeeper", facts: { zookeeper }, complete: true };
  const timeout = u32At(bytes, context.toServer ? 16 : 8);
  if (timeout < 0) return { kind: "needMore", bytes: context.toServer ? 20 : 12 };
  zookeeper[context.toServer ? "requested_timeout_ms" : "timeout_ms"] = timeout;
  return { kind: "match", name: "zookeeper", facts: { zookeeper }, complete: !context.toServer, done: true };
}
