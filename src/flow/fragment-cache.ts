import type { Packet } from "../wire/packet.ts";
import type { ConnectionRow } from "./connection-row.ts";
import { keyWords, TupleKey } from "./tuple-key.ts";

const places = 4096;
/** Milliseconds for which fragments of one datagram are taken to belong together (RFC 791 section 3.2, Linux: 30 s). */
const lifetime = 30_000;

/**
 * Which flow a fragment belongs to that has no ports: that of the first fragment of its datagram. One place for each
 * hash, the newest wins: bounded, and nothing is allocated for a packet.
 */
export class FragmentCache {
  readonly #key = new TupleKey();
  readonly #words = new Int32Array(places * keyWords);
  readonly #times = new Float64Array(places);
  readonly #rows: (ConnectionRow | undefined)[] = Array.from({ length: places }, () => undefined);

  /** A first fragment, and the row it was counted to. */
  remember(packet: Packet, scope: number, row: ConnectionRow, time: number): void {
    const place = this.#place(packet, scope);
    this.#words.set(this.#key.words, place * keyWords);
    this.#times[place] = time;
    this.#rows[place] = row;
  }

  /** The row of the datagram that a later fragment is part of. */
  find(packet: Packet, scope: number, time: number): ConnectionRow | undefined {
    const place = this.#place(packet, scope);
    const row = this.#rows[place];
    if (row === undefined || Math.abs(time - this.#times[place]!) > lifetime) return undefined;
    const words = this.#key.words;
    for (let index = 0; index < keyWords; index++) {
      if (this.#words[place * keyWords + index] !== words[index]) return undefined;
    }
    return row;
  }

  /** The datagram's name: addresses, identification and, for IPv4, protocol (an IPv6 fragment may name another). */
  #place(packet: Packet, scope: number): number {
    const key = this.#key;
    const { bytes, addressLength, sourceAddressOffset, destinationAddressOffset, fragmentId } = packet;
    const protocol = packet.ipVersion === 4 ? packet.protocolNumber : 0;
    key.setBytes(bytes, sourceAddressOffset, destinationAddressOffset, addressLength, 0, 0, protocol);
    key.scope = scope;
    // Both directions have the same key but for this: whose identification it is.
    key.words[8] = fragmentId ^ (key.swapped ? 0x8000_0000 : 0);
    let mixed = key.words[8] ^ key.words[3]! ^ Math.imul(key.words[7]! ^ Math.imul(scope, 0x85ebca6b), 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    return (mixed ^ (mixed >>> 13)) & (places - 1);
  }
}
