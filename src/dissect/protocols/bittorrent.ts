/**
 * BitTorrent between peers over TCP, its DHT over UDP, and its search on the own network. No info hashes.
 *
 * BEP 3 (peer protocol, handshake), BEP 5 (DHT, KRPC), BEP 10 (extension protocol), BEP 14 (local service discovery).
 *
 *   handshake = 19 "BitTorrent protocol" reserved(8) info_hash(20) peer_id(20)
 *   KRPC      = a bencoded dictionary with "y" (q, r or e), "t", and "a" or "r" with the 20-byte "id"
 *   search    = "BT-SEARCH * HTTP/1.1" CRLF fields CRLF, with "Port" and "Infohash"
 *
 * Whoever says where he listens announces what comes there: connections between peers are enciphered as a rule, and then
 * nothing in them tells what they are.
 */
import { asciiText, hasAsciiAt, indexOfAscii, u16At, u8At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, ExpectedFlow, Likeness, Verdict } from "../verdict.ts";

const handshake = "\x13BitTorrent protocol";
const peerIdOffset = 48;
/** Peers that one answer of the DHT announces, at the most. */
const maxPeers = 16;
const search = "BT-SEARCH * HTTP/1.1\r\n";
const queries = ["ping", "find_node", "get_peers", "announce_peer", "sample_infohashes", "get", "put"];

export function isBittorrentFirst(byte: number): boolean {
  return byte === 0x13;
}

export function probeBittorrent(bytes: Uint8Array, context: DissectContext): Likeness {
  const length = Math.min(handshake.length, bytes.length);
  if (!hasAsciiAt(bytes, 0, handshake.slice(0, length))) return "no";
  return length === handshake.length ? "yes" : undecided(context.last);
}

/** Client in Azureus style: "-UT2210-" and 12 bytes. */
function clientCode(bytes: Uint8Array): string | undefined {
  if (u8At(bytes, peerIdOffset) !== 0x2d || u8At(bytes, peerIdOffset + 7) !== 0x2d) return undefined;
  let text = "";
  for (let at = peerIdOffset + 1; at < peerIdOffset + 7; at++) {
    const byte = bytes[at]!;
    if (byte < 0x21 || byte > 0x7e) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

export function parseBittorrent(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes[0] !== 0x13) return { kind: "notMine" };
  if (bytes.length < peerIdOffset + 20 && !context.last) {
    return { kind: "match", name: "bittorrent", facts: { bittorrent: {} }, complete: false };
  }
  const client = clientCode(bytes);
  return {
    kind: "match",
    name: "bittorrent",
    facts: { bittorrent: client === undefined ? {} : { client } },
    complete: client !== undefined,
    done: true,
  };
}

export function isDhtFirst(byte: number): boolean {
  return byte === 0x64;
}

/** "d1:ad2:id20:", "d1:rd2:id20:", "d2:ip6:...1:rd2:id20:", "d1:eli201e..." all with "1:y1:" near their end. */
export function probeDht(bytes: Uint8Array, context: DissectContext): Likeness {
  const isBegun = hasAsciiAt(bytes, 0, "d1:") || hasAsciiAt(bytes, 0, "d2:");
  if (!isBegun || context.last || bytes[bytes.length - 1] !== 0x65) return "no";
  const kind = indexOfAscii(bytes, "1:y1:");
  if (kind < 0 || !"qre".includes(String.fromCharCode(u8At(bytes, kind + 5)))) return "no";
  if (bytes[kind + 5] === 0x65) return indexOfAscii(bytes, "1:eli") > 0 ? "yes" : "no";
  return indexOfAscii(bytes, "2:id20:") > 0 ? "yes" : "no";
}

/** Tells of peers at `address` and `port`: they may come over TCP and over uTP. */
export function announcePeer(context: DissectContext, host: ExpectedFlow["host"], port: number): void {
  if (!(port > 0 && port <= 65_535)) return;
  context.onExpect?.({ transport: "tcp", host, port, name: "bittorrent" });
  context.onExpect?.({ transport: "udp", host, port, name: "utp" });
}

/** BEP 5: who announces himself gives his port, and an answer lists peers as addresses of six bytes. */
function announceDhtPeers(bytes: Uint8Array, query: string | undefined, context: DissectContext): void {
  if (query === "announce_peer") {
    const port = /4:porti(\d{1,5})e/.exec(asciiText(bytes, 0, bytes.length, 512))?.[1];
    announcePeer(context, context.toServer ? "client" : "server", Number(port));
  }
  let at = indexOfAscii(bytes, "6:valuesl");
  if (query !== undefined || at < 0) return;
  at += 9;
  for (let count = 0; count < maxPeers && hasAsciiAt(bytes, at, "6:") && at + 8 <= bytes.length; count++, at += 8) {
    announcePeer(context, { address: Array.from(bytes.subarray(at + 2, at + 6)).join(".") }, u16At(bytes, at + 6));
  }
}

export function parseDht(bytes: Uint8Array, context: DissectContext): Verdict {
  const query = queries.find((name) => indexOfAscii(bytes, `1:q${name.length}:${name}`) > 0);
  if (context.onExpect !== undefined) announceDhtPeers(bytes, query, context);
  const facts = { bittorrent_dht: query === undefined ? {} : { request_type: query } };
  return { kind: "match", name: "bittorrent-dht", facts, complete: true };
}

export function isLocalSearchFirst(byte: number): boolean {
  return byte === 0x42;
}

export function probeLocalSearch(bytes: Uint8Array): Likeness {
  return hasAsciiAt(bytes, 0, search) && indexOfAscii(bytes, "\nInfohash:") > 0 ? "yes" : "no";
}

export function parseLocalSearch(bytes: Uint8Array, context: DissectContext): Verdict {
  if (probeLocalSearch(bytes) !== "yes") return { kind: "notMine" };
  const port = /\nPort: {0,4}(\d{1,5})\r/.exec(asciiText(bytes, 0, bytes.length, 512))?.[1];
  announcePeer(context, context.toServer ? "client" : "server", Number(port));
  return { kind: "match", name: "bittorrent", facts: { bittorrent: { search: "local" } }, complete: true };
}
