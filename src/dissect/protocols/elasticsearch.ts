/**
 * Elasticsearch between its nodes: the version. (Clients speak HTTP.) No actions, no documents.
 *
 * Elasticsearch's org.elasticsearch.transport.TcpHeader.
 *
 *   "ES" length(4: of what follows) request(8) status(1: 4 bits) version(4) ...;  a ping is "ES" and a length of -1
 *
 * Evidence: the mark, a length, status bits that exist and a version number as Elasticsearch counts them.
 */
import { hasAsciiAt, u32At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 19;
const maxLength = 0x4000_0000;
/** Numbers before 8.9 are major * 1000000 + minor * 10000 + revision * 100 + build. */
const firstVersion = 5_000_000;
const lastVersion = 99_999_999;
/** Of before 5 only releases are believed: their build is 99. */
const oldestVersion = 200_000;
const release = 99;
const pingLength = 6;
const pingMark = 0xffff_ffff;

export function isElasticsearchFirst(byte: number): boolean {
  return byte === 0x45;
}

export function probeElasticsearch(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!hasAsciiAt(bytes, 0, "ES".slice(0, Math.min(2, bytes.length)))) return "no";
  if (bytes.length === pingLength && u32At(bytes, 2) === pingMark) return "yes";
  if (bytes.length < headerLength) return undecided(context.last);
  const length = u32At(bytes, 2);
  const version = u32At(bytes, 15);
  if (length < headerLength - 6 || length > maxLength || bytes[14]! > 0x0f) return "no";
  const isOld = version >= oldestVersion && version % 100 === release;
  return (version >= firstVersion || isOld) && version <= lastVersion ? "yes" : "no";
}

export function parseElasticsearch(bytes: Uint8Array, context: DissectContext): Verdict {
  if (!hasAsciiAt(bytes, 0, "ES")) return { kind: "notMine" };
  if (u32At(bytes, 2) === pingMark)
    return { kind: "match", name: "elasticsearch", facts: { elasticsearch: {} }, complete: false };
  if (bytes.length < headerLength) return { kind: "needMore", bytes: headerLength };
  const number = u32At(bytes, 15);
  const major = Math.floor(number / 1_000_000);
  const version = `${major}.${Math.floor(number / 10_000) % 100}.${Math.floor(number / 100) % 100}`;
  const elasticsearch = { [context.toServer ? "client_version" : "server_version"]: version };
  return { kind: "match", name: "elasticsearch", facts: { elasticsearch }, complete: !context.toServer, done: true };
}
