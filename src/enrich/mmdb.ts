/**
 * MaxMind DB files, version 2.0 of their format: a binary tree over address bits whose leaves point at records.
 *
 *     search tree: node_count x (left, right), each of 24, 28 or 32 bits
 *     16 zero bytes
 *     data section: maps, texts, numbers, pointers into itself
 *     "\xab\xcd\xefMaxMind.com", metadata (a map)
 *
 * A record below node_count is a node, node_count itself is "nothing known", above it is a place in the data section. In an
 * IPv6 tree IPv4 addresses stand below 96 zero bits. Files are somebody's: nothing of them is trusted.
 */

/** Where a database comes from. `byte` and `bytes` are asked only for places within `size`. */
export interface MmdbSource {
  readonly size: number;
  byte(at: number): number;
  bytes(at: number, length: number): Uint8Array;
}

export type MmdbValue = string | number | boolean | bigint | Uint8Array | readonly MmdbValue[] | MmdbMap;
export type MmdbMap = ReadonlyMap<string, MmdbValue>;

/** Why a file is none. */
class Broken extends Error {}

const marker = [0xab, 0xcd, 0xef, 0x4d, 0x61, 0x78, 0x4d, 0x69, 0x6e, 0x64, 0x2e, 0x63, 0x6f, 0x6d];
/** The metadata begin within so many bytes of the end. */
const metadataRoom = 128 * 1024;
const separator = 16;
const deepest = 16;
/** Values in one record, keys of maps among them. */
const mostValues = 4096;
const longestText = 4096;
const longestType = 64;

const text = new TextDecoder();

/** Reads values of a section; pointers count from `base`. */
class Decoder {
  readonly #source: MmdbSource;
  readonly #base: number;
  readonly #end: number;
  #at = 0;
  #values = 0;

  constructor(source: MmdbSource, base: number, end: number) {
    this.#source = source;
    this.#base = base;
    this.#end = end;
  }

  read(at: number): MmdbValue {
    this.#at = at;
    this.#values = 0;
    return this.#value(0);
  }

  #unsigned(length: number): number {
    if (this.#at + length > this.#end) throw new Broken(`needs ${length} bytes at ${this.#at}, ends at ${this.#end}`);
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + this.#source.byte(this.#at++);
    return value;
  }

  #bytes(length: number): Uint8Array {
    if (this.#at + length > this.#end) throw new Broken(`needs ${length} bytes at ${this.#at}, ends at ${this.#end}`);
    const bytes = this.#source.bytes(this.#at, length);
    this.#at += length;
    return bytes;
  }

  #value(depth: number): MmdbValue {
    if (depth > deepest) throw new Broken(`nested deeper than ${deepest}`);
    if (++this.#values > mostValues) throw new Broken(`more than ${mostValues} values in a record`);
    const control = this.#unsigned(1);
    let type = control >> 5;
    if (type === 1) return this.#pointed(control, depth);
    if (type === 0) type = 7 + this.#unsigned(1);
    return this.#typed(type, this.#size(control & 31), depth);
  }

  #size(short: number): number {
    if (short < 29) return short;
    return [29, 285, 65_821][short - 29]! + this.#unsigned(short - 28);
  }

  #pointed(control: number, depth: number): MmdbValue {
    const kind = (control >> 3) & 3;
    const high = control & 7;
    const low = this.#unsigned(kind + 1);
    const to = kind === 3 ? low : high * 256 ** (kind + 1) + low + [0, 2048, 526_336][kind]!;
    const back = this.#at;
    this.#at = this.#base + to;
    const value = this.#value(depth + 1);
    this.#at = back;
    return value;
  }

  #typed(type: number, size: number, depth: number): MmdbValue {
    switch (type) {
      case 2:
        if (size > longestText) throw new Broken(`a text of ${size} bytes`);
        return text.decode(this.#bytes(size));
      case 3:
        return this.#float(size, 8);
      case 4:
        return this.#bytes(size).slice();
      case 5:
      case 6:
        if (size > 4) throw new Broken(`a number of ${size} bytes`);
        return this.#unsigned(size);
      case 7:
        return this.#map(size, depth);
      case 8:
        if (size > 4) throw new Broken(`a number of ${size} bytes`);
        return size === 4 ? this.#unsigned(4) | 0 : this.#unsigned(size);
      case 9:
      case 10:
        return this.#big(size);
      case 11:
        return Array.from({ length: Math.min(size, mostValues + 1) }, () => this.#value(depth + 1));
      case 14:
        return size !== 0;
      case 15:
        return this.#float(size, 4);
      default:
        throw new Broken(`a value of type ${type}`);
    }
  }

  #map(size: number, depth: number): MmdbMap {
    const map = new Map<string, MmdbValue>();
    for (let i = 0; i < size; i++) {
      const key = this.#value(depth + 1);
      if (typeof key !== "string") throw new Broken("a key that is no text");
      map.set(key, this.#value(depth + 1));
    }
    return map;
  }

  #big(size: number): bigint {
    if (size > 16) throw new Broken(`a number of ${size} bytes`);
    let value = 0n;
    for (const byte of this.#bytes(size)) value = value * 256n + BigInt(byte);
    return value;
  }

  #float(size: number, wanted: 4 | 8): number {
    if (size !== wanted) throw new Broken(`a number of ${size} bytes, not ${wanted}`);
    const bytes = this.#bytes(size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, size);
    return wanted === 8 ? view.getFloat64(0) : view.getFloat32(0);
  }
}

/** Where the metadata begin, or -1. */
function findMetadata(source: MmdbSource): number {
  const from = Math.max(0, source.size - metadataRoom);
  const tail = source.bytes(from, source.size - from);
  for (let at = tail.length - marker.length; at >= 0; at--) {
    if (marker.every((byte, i) => tail[at + i] === byte)) return from + at + marker.length;
  }
  return -1;
}

/** A database that is open. */
export class Mmdb {
  /** What it calls itself: "GeoLite2-Country". */
  readonly type: string;
  readonly #source: MmdbSource;
  readonly #nodes: number;
  readonly #recordBits: number;
  readonly #data: Decoder;
  readonly #dataAt: number;
  readonly #dataEnd: number;
  readonly #ipv6: boolean;
  /** The node below the 96 zero bits. */
  readonly #ipv4Start: number;

  private constructor(source: MmdbSource, metadata: MmdbMap, metadataAt: number) {
    const number = (name: string): number => {
      const value = metadata.get(name);
      if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new Broken(`no ${name}`);
      return value;
    };
    const major = number("binary_format_major_version");
    if (major !== 2) throw new Broken(`version ${major} of the format, not 2`);
    this.#source = source;
    this.#nodes = number("node_count");
    this.#recordBits = number("record_size");
    if (![24, 28, 32].includes(this.#recordBits)) throw new Broken(`records of ${this.#recordBits} bits`);
    const version = number("ip_version");
    if (version !== 4 && version !== 6) throw new Broken(`addresses of version ${version}`);
    this.#ipv6 = version === 6;
    const type = metadata.get("database_type");
    this.type = typeof type === "string" ? type.slice(0, longestType) : "";
    this.#dataAt = (this.#nodes * this.#recordBits) / 4 + separator;
    this.#dataEnd = metadataAt - marker.length;
    if (this.#dataAt > this.#dataEnd) throw new Broken(`${this.#nodes} nodes in ${source.size} bytes`);
    this.#data = new Decoder(source, this.#dataAt, this.#dataEnd);
    let node = 0;
    if (this.#ipv6) for (let bit = 0; bit < 96 && node < this.#nodes; bit++) node = this.#record(node, 0);
    this.#ipv4Start = node;
  }

  /** Opens a database, or says why it is none. */
  static open(source: MmdbSource): Mmdb | string {
    try {
      const at = findMetadata(source);
      if (at < 0) return "it has no metadata";
      const metadata = new Decoder(source, at, source.size).read(at);
      if (!(metadata instanceof Map)) return "its metadata are no map";
      return new Mmdb(source, metadata, at);
    } catch (error) {
      if (error instanceof Broken) return error.message;
      throw error;
    }
  }

  /** What is known of an address of 4 or 16 bytes; undefined: nothing, or the file is broken there. */
  find(address: Uint8Array): MmdbValue | undefined {
    try {
      const record = this.#search(address);
      if (record === undefined) return undefined;
      const at = this.#dataAt + record - this.#nodes - separator;
      return at < this.#dataAt || at >= this.#dataEnd ? undefined : this.#data.read(at);
    } catch (error) {
      if (error instanceof Broken) return undefined;
      throw error;
    }
  }

  /** The record of a leaf: above the number of nodes. */
  #search(address: Uint8Array): number | undefined {
    const isShort = address.length === 4;
    if (!isShort && (address.length !== 16 || !this.#ipv6)) return undefined;
    let node = isShort && this.#ipv6 ? this.#ipv4Start : 0;
    for (let bit = 0; bit < address.length * 8 && node < this.#nodes; bit++) {
      node = this.#record(node, ((address[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    }
    return node > this.#nodes ? node : undefined;
  }

  #record(node: number, side: number): number {
    const source = this.#source;
    if (this.#recordBits === 24) {
      const at = node * 6 + side * 3;
      return (source.byte(at) << 16) | (source.byte(at + 1) << 8) | source.byte(at + 2);
    }
    if (this.#recordBits === 28) {
      const at = node * 7;
      const middle = source.byte(at + 3);
      const low = at + side * 4;
      const rest = (source.byte(low) << 16) | (source.byte(low + 1) << 8) | source.byte(low + 2);
      return ((side === 0 ? middle >> 4 : middle & 15) << 24) | rest;
    }
    const at = node * 8 + side * 4;
    return (
      source.byte(at) * 0x100_0000 + ((source.byte(at + 1) << 16) | (source.byte(at + 2) << 8) | source.byte(at + 3))
    );
  }
}
