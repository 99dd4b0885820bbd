/**
 * BitTorrent between peers over TCP, its DHT over UDP, and its search on the own network. No info hashes.
 *
 * BEP 3 (peer protocol, handshake), BEP 5 (DHT, KRPC), BEP 10 (extension protocol), BEP 14 (local service discovery).
 *
 *   handshake = 19 "BitTorrent protocol" reserved(8) info_hash(20) peer_id(20)
 *   message   = length(4) id(1) ...;  request = 13(4) 6 piece(4) begin(4) 2^14(4);  piece = 9 + 2^14(4) 7 piece(4) begin(4) block
 *   KRPC      = a bencoded dictionary with "y" (q, r or e), "t", and "a" or "r" with the 20-byte "id"
 *   search    = "BT-SEARCH * HTTP/1.1" CRLF fields CRLF, with "Port" and "Infohash"
 *
 * Evidence: the handshake; of a connection that was joined behind it a request for a whole block, or one, behind messages whose
 * lengths fit. Whoever says where he listens announces what comes there: connections between peers are enciphered as a rule, and then
 * nothing in them tells what they are.
 */
import { asciiText, hasAsciiAt, indexOfAscii, u16At, u32At, u8At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, ExpectedFlow, Likeness, Verdict } from "../verdict.ts";

const handshake = "\x13BitTorrent protocol";
const peerIdOffset = 48;
/** Peers that one answer of the DHT announces, at the most. */
const maxPeers = 16;
const search = "BT-SEARCH * HTTP/1.1\r\n";
const queries = ["ping", "find_node", "get_peers", "announce_peer", "sample_infohashes", "get", "put"];

/** BEP 3: blocks are of this size, "all current implementations", and begin at its multiples. */
const blockLength = 0x4000;
const maxMessages = 64;
/** Lengths of messages by their id, of those that have one: BEP 3, BEP 5 (port), BEP 6 (fast extension). */
const messageLengths: ReadonlyMap<number, number> = new Map([
  ...[0, 1, 2, 3, 14, 15].map((id) => [id, 1] as const),
  ...[4, 13, 17].map((id) => [id, 5] as const),
  ...[6, 8, 16].map((id) => [id, 13] as const),
  [9, 3],
]);
const messageId = { bitfield: 5, request: 6, piece: 7, extended: 20 } as const;
const longestBitfield = 1 << 16;
const maxPieces = 1 << 20;

export function isBittorrentFirst(byte: number): boolean {
  return byte === 0x13 || byte === 0;
}

/** Whether the message at `at` asks for or brings a whole block. */
function isBlock(bytes: Uint8Array, at: number, id: number, length: number): boolean {
  if (id !== messageId.request && id !== messageId.piece) return false;
  const begin = u32At(bytes, at + 9);
  const asked = id === messageId.request ? u32At(bytes, at + 13) : length - 9;
  return asked === blockLength && begin % blockLength === 0 && u32At(bytes, at + 5) < maxPieces;
}

/** Messages of a connection that was joined behind its handshake. */
function probeMessages(bytes: Uint8Array, last: boolean): Likeness {
  let at = 0;
  for (let count = 0; count < maxMessages && at < bytes.length; count++) {
    if (bytes.length < at + 4) return undecided(last);
    const length = u32At(bytes, at);
    const id = bytes[at + 4];
    if (length === 0) {
      at += 4;
      continue;
    }
    if (length > blockLength + longestBitfield) return "no";
    if (id === undefined) return undecided(last);
    const stated = messageLengths.get(id);
    const isOther = id === messageId.bitfield || id === messageId.piece || id === messageId.extended;
    if (stated === undefined ? !isOther || length < 2 : stated !== length) return "no";
    const head = at + (id === messageId.request ? 17 : 13);
    if (id === messageId.request || id === messageId.piece) {
      if (bytes.length < head) return undecided(last);
      // The last block of a piece may be a shorter one.
      if (isBlock(bytes, at, id, length)) return "yes";
    }
    at += 4 + length;
  }
  return undecided(last);
}

export function probeBittorrent(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes[0] === 0) return probeMessages(bytes, context.last);
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
  if (bytes[0] === 0) return { kind: "match", name: "bittorrent", facts: { bittorrent: {} }, complete: true };
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
  if (context.last && (hasAsciiAt(bytes, 0, "d1:ad2:id20:") || hasAsciiAt(bytes, 0, "d1:rd2:id20:"))) return "yes";
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
