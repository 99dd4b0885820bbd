import { fromHex } from "../bytes/index.ts";
import { parseAddress } from "../model/index.ts";

/** 32-bit words of a tuple: two addresses of four words, both ports, the protocol, the scope. */
export const keyWords = 11;
const scopeWord = 10;

/** True for TCP, UDP, DCCP, SCTP and UDP-Lite: only their tuples have ports. */
export const hasPorts = (protocolNumber: number): boolean =>
  protocolNumber === 6 ||
  protocolNumber === 17 ||
  protocolNumber === 33 ||
  protocolNumber === 132 ||
  protocolNumber === 136;

/**
 * The tuple of a flow as words, the same for both directions: the lower endpoint comes first, and `swapped` tells that
 * this was the destination. One object is filled again for every packet. IPv4 addresses are held in their IPv4-mapped form
 * (RFC 4291 section 2.5.5.2); an unspecified address of either family is all zero, so that a dual-stack socket matches.
 */
export class TupleKey {
  readonly words = new Int32Array(keyWords);
  /** True: the destination was put first. */
  swapped = false;

  /** Where the tuple's addresses mean what they mean: 0, or inside which tunnels. Filling the key sets it to 0. */
  set scope(scope: number) {
    this.words[scopeWord] = scope;
  }

  /** Fills the key from addresses of `length` (4 or 16) bytes inside a packet. */
  setBytes(
    bytes: Uint8Array,
    source: number,
    destination: number,
    length: number,
    sourcePort: number,
    destinationPort: number,
    protocolNumber: number,
  ): void {
    const words = this.words;
    words[scopeWord] = 0;
    if (length === 4) {
      this.#setIPv4(word(bytes, source), word(bytes, destination), sourcePort, destinationPort, protocolNumber);
      return;
    }
    for (let index = 0; index < 4; index++) {
      words[index] = word(bytes, source + index * 4);
      words[4 + index] = word(bytes, destination + index * 4);
    }
    this.#finish(sourcePort, destinationPort, protocolNumber);
  }

  /** As `#finish` does it, at once: this is what nearly every packet is. */
  #setIPv4(source: number, destination: number, sourcePort: number, destinationPort: number, protocol: number): void {
    const words = this.words;
    const swapped = source === destination ? sourcePort > destinationPort : source >>> 0 > destination >>> 0;
    this.swapped = swapped;
    words[0] = 0;
    words[1] = 0;
    words[4] = 0;
    words[5] = 0;
    words[9] = protocol;
    if (swapped) {
      setLastWords(words, 0, destination);
      setLastWords(words, 4, source);
      words[8] = (destinationPort << 16) | sourcePort;
    } else {
      setLastWords(words, 0, source);
      setLastWords(words, 4, destination);
      words[8] = (sourcePort << 16) | destinationPort;
    }
  }

  /** Fills the key from two MAC addresses, for protocols that have no other address. */
  setMacs(bytes: Uint8Array, source: number, destination: number, protocolNumber: number): void {
    const words = this.words;
    words.fill(0);
    setMac(words, 0, bytes, source);
    setMac(words, 4, bytes, destination);
    this.#finish(0, 0, protocolNumber);
  }

  /** Fills the key from addresses as text, of IP or Ethernet; one that is neither (or empty) counts as unspecified. */
  setText(
    source: string,
    sourcePort: number,
    destination: string,
    destinationPort: number,
    protocolNumber: number,
  ): void {
    this.words[scopeWord] = 0;
    setAddress(this.words, 0, source);
    setAddress(this.words, 4, destination);
    const ports = hasPorts(protocolNumber);
    this.#finish(ports ? sourcePort : 0, ports ? destinationPort : 0, protocolNumber);
  }

  copyFrom(other: TupleKey): void {
    this.words.set(other.words);
    this.swapped = other.swapped;
  }

  /** Makes one endpoint's address unspecified (0: the first, 1: the second) and orders the endpoints anew. */
  clearAddress(which: 0 | 1): void {
    const words = this.words;
    words.fill(0, which * 4, which * 4 + 4);
    const ports = words[8]!;
    const swapped = this.swapped;
    this.#finish(ports >>> 16, ports & 0xffff, words[9]!);
    this.swapped = this.swapped !== swapped;
  }

  #finish(firstPort: number, secondPort: number, protocolNumber: number): void {
    const words = this.words;
    words[9] = protocolNumber;
    this.swapped = isSwapped(words, firstPort, secondPort);
    if (!this.swapped) {
      words[8] = (firstPort << 16) | secondPort;
      return;
    }
    for (let index = 0; index < 4; index++) {
      const kept = words[index]!;
      words[index] = words[4 + index]!;
      words[4 + index] = kept;
    }
    words[8] = (secondPort << 16) | firstPort;
  }
}

/** Whether the second endpoint is the lower one; an unspecified address is lower than all others. */
function isSwapped(words: Int32Array, firstPort: number, secondPort: number): boolean {
  for (let index = 0; index < 4; index++) {
    const first = words[index]!;
    const second = words[4 + index]!;
    if (first !== second) return first >>> 0 > second >>> 0;
  }
  return firstPort > secondPort;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function setIPv4(words: Int32Array, at: number, address: number): void {
  words[at] = 0;
  words[at + 1] = 0;
  setLastWords(words, at, address);
}

function setLastWords(words: Int32Array, at: number, address: number): void {
  words[at + 2] = address === 0 ? 0 : 0xffff;
  words[at + 3] = address;
}

function setMac(words: Int32Array, at: number, bytes: Uint8Array, offset: number): void {
  words[at + 2] = (bytes[offset]! << 8) | bytes[offset + 1]!;
  words[at + 3] = word(bytes, offset + 2);
}

/** True for "02:42:ac:11:00:02". */
export const isMac = (text: string): boolean => text.length === 17 && fromHex(text)?.length === 6;

function setAddress(words: Int32Array, at: number, text: string): void {
  const bytes = parseAddress(text);
  words.fill(0, at, at + 4);
  if (bytes === undefined) {
    if (isMac(text)) setMac(words, at, fromHex(text)!, 0);
  } else if (bytes.length === 4) setIPv4(words, at, word(bytes, 0));
  else for (let index = 0; index < 4; index++) words[at + index] = word(bytes, index * 4);
}
