/**
 * HPACK, RFC 7541: the fields of the first header block of a direction, whose dynamic table begins empty. Bounded by the
 * block and by `maxFields`; what does not fit ends the list.
 */
import { latin1Text } from "../bytes/index.ts";

export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

const maxFields = 64;
const maxText = 4096;

/** Appendix A, index 1 to 61: names, and values behind "=". */
const staticTable: readonly HeaderField[] = (
  ":authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|" +
  ":status=206|:status=304|:status=400|:status=404|:status=500|accept-charset|accept-encoding=gzip, deflate|" +
  "accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|" +
  "content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|" +
  "cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|" +
  "last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|" +
  "server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate"
)
  .split("|")
  .map((entry) => {
    const separator = entry.indexOf("=");
    return separator < 0
      ? { name: entry, value: "" }
      : { name: entry.slice(0, separator), value: entry.slice(separator + 1) };
  });

/** Appendix B: the length of each symbol's code, one character each in base 36. The code is canonical. */
const codeLengths =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca" +
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds" +
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn" +
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu";
const longestCode = 30;
const endOfString = 256;

interface HuffmanCode {
  /** Symbols by the length of their code, then by value. */
  readonly symbols: readonly number[];
  /** By length: how many codes have it. */
  readonly counts: readonly number[];
}

function canonicalCode(): HuffmanCode {
  const lengths = Array.from(codeLengths, (digit) => Number.parseInt(digit, 36));
  const counts = Array.from({ length: longestCode + 1 }, (_, length) => lengths.filter((own) => own === length).length);
  const symbols = lengths.map((_, symbol) => symbol).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  return { symbols, counts };
}

const huffman = canonicalCode();

/** Section 5.2: text of `[start, end)`; undefined when it holds the end-of-string symbol or wrong padding. */
export function huffmanText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  let code = 0;
  let first = 0;
  let index = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    for (let bit = 7; bit >= 0; bit--) {
      code = (code << 1) | ((bytes[at]! >> bit) & 1);
      first <<= 1;
      length++;
      if (length > longestCode) return undefined;
      const count = huffman.counts[length]!;
      if (code - first < count) {
        const symbol = huffman.symbols[index + code - first]!;
        if (symbol === endOfString || text.length >= maxText) return undefined;
        text += String.fromCharCode(symbol);
        code = first = index = length = 0;
      } else {
        index += count;
        first += count;
      }
    }
  }
  // Padding is the beginning of the end-of-string symbol: ones, fewer than 8.
  return length < 8 && code === (1 << length) - 1 ? text : undefined;
}

/** Reads a header block, section 6. */
class HeaderBlock {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private readonly added: HeaderField[] = [];
  private at: number;
  failed = false;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = Math.min(end, bytes.length);
  }

  get ended(): boolean {
    return this.failed || this.at >= this.end;
  }

  /** Section 5.1: an integer whose first `bits` bits share a byte with flags; -1 when it does not fit. */
  private integer(bits: number): number {
    const most = (1 << bits) - 1;
    let value = (this.bytes[this.at++] ?? 0) & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.at >= this.end) return -1;
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }

  private text(): string {
    const isHuffman = ((this.bytes[this.at] ?? 0) & 0x80) !== 0;
    const length = this.at < this.end ? this.integer(7) : -1;
    const start = this.at;
    if (length < 0 || start + length > this.end) return this.fail();
    this.at += length;
    if (!isHuffman) return latin1Text(this.bytes, start, this.at, maxText);
    return huffmanText(this.bytes, start, this.at) ?? this.fail();
  }

  private fail(): string {
    this.failed = true;
    return "";
  }

  private indexed(index: number): HeaderField | undefined {
    const field = index <= staticTable.length ? staticTable[index - 1] : this.added[index - staticTable.length - 1];
    if (field === undefined) this.failed = true;
    return field;
  }

  /** The next field; undefined at a change of the table's size, and at what cannot be read. */
  next(): HeaderField | undefined {
    const first = this.bytes[this.at]!;
    if (first >= 0x80) return this.indexed(this.integer(7));
    if ((first & 0xe0) === 0x20) {
      if (this.integer(5) < 0) this.failed = true;
      return undefined;
    }
    const isAdded = first >= 0x40;
    const index = this.integer(isAdded ? 6 : 4);
    const name = index === 0 ? this.text() : (this.indexed(index)?.name ?? "");
    const field = { name, value: this.failed ? "" : this.text() };
    if (this.failed) return undefined;
    if (isAdded) this.added.unshift(field);
    return field;
  }
}

/** Fields of the header block `[start, end)`, as far as they are there and can be read. */
export function headerFields(bytes: Uint8Array, start: number, end: number): HeaderField[] {
  const block = new HeaderBlock(bytes, start, end);
  const fields: HeaderField[] = [];
  for (let count = 0; count < maxFields && !block.ended; count++) {
    const field = block.next();
    if (field !== undefined) fields.push(field);
  }
  return fields;
}
