/**
 * Whole frames for a recording, from an AF_PACKET socket with a TPACKET_V3 ring (include/uapi/linux/if_packet.h). Blocks
 * are handed over as columns over the ring's own memory, which may be overwritten until the block is given back.
 */
import type { RecordedColumns } from "../../model/index.ts";
import { ARPHRD_LOOPBACK, LINKTYPE_ETHERNET, linkTypeOf } from "./link-type.ts";
import { blockField, PACKET_STATISTICS, SOL_PACKET, type OpenPacketRing } from "./packet-ring.ts";
import { closeDescriptor, getsockopt, mapShared, unmap } from "./system-calls.ts";

/** struct tpacket3_hdr and the sockaddr_ll behind it, as 32-bit words from the packet's start. */
export const packetWord = {
  next: 0,
  seconds: 1,
  nanoseconds: 2,
  captured: 3,
  wire: 4,
  status: 5,
  /** Link layer in the lower half, network layer in the upper. */
  offsets: 6,
  tci: 8,
  tpid: 9,
  interface: 13,
  /** Hardware type in the lower half, packet type above it. */
  hardware: 14,
  words: 17,
} as const;

const PACKET_OTHERHOST = 3;
const PACKET_OUTGOING = 4;
const VLAN_VALID = 1 << 4;
const VLAN_TPID_VALID = 1 << 6;
const TPID_8021Q = 0x8100;
/** The shortest distance of two packets in a block: both headers and the room before the network header. */
const leastPacket = 96;

/**
 * Bytes to leave free before each frame: with them an Ethernet frame begins at a multiple of 4 (TPACKET_ALIGN puts the network
 * header at a multiple of 16, and 14 bytes of link layer before it), so that it can be written from where it lies.
 */
export const recordingReserve = 2;

/** Where in a block its first packet block may begin: at a page, so that a disk can take the block from where it lies. */
export const writtenFrom = 4096;
/** From the kernel's header of a packet to an Ethernet frame: 48 + 20 bytes of header, to a multiple of 16, 2 and 14 more. */
export const headerToFrame = 84;
const enhancedPacketHeader = 28;

/** Bytes to leave free in each block: with them the first Ethernet frame stays where it is when a packet block begins at the page. */
export const recordingPrivateSize = writtenFrom + enhancedPacketHeader - headerToFrame - blockField.headerEnd;

/** A full block. `columns` is the same object for all blocks of a ring. */
export interface RecordedBlock {
  readonly columns: RecordedColumns;
  /** From here to `end` the memory is the block's: what is written may begin at `start`, a multiple of the page size. */
  readonly start: number;
  readonly end: number;
  /** Number of the block in the ring, for `release`. */
  readonly index: number;
}

/** Packets of a block as the kernel laid them out: those that are left to be read, and where the first one's header is. */
export interface PacketWalk {
  at: number;
  left: number;
  /** Where the block ends. */
  end: number;
}

/** Takes frames from the front of a block in another way than by columns, before these are filled with the others. */
export interface BlockFront {
  /** What is written may begin at `start`. Moves `walk` on, and leaves the memory behind its new place as it is. */
  take(words: Int32Array, walk: PacketWalk, start: number): void;
}

class Columns implements RecordedColumns {
  count = 0;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly offsets: Int32Array;
  readonly capturedLengths: Int32Array;
  readonly wireLengths: Int32Array;
  readonly linkTypes: Uint16Array;
  readonly interfaceIndexes: Int32Array;
  readonly directions: Uint8Array;
  readonly seconds: Float64Array;
  readonly nanoseconds: Int32Array;
  readonly vlans: Int32Array;

  constructor(memory: ArrayBuffer, capacity: number) {
    this.bytes = new Uint8Array(memory);
    this.words = new Int32Array(memory);
    this.offsets = new Int32Array(capacity);
    this.capturedLengths = new Int32Array(capacity);
    this.wireLengths = new Int32Array(capacity);
    this.linkTypes = new Uint16Array(capacity);
    this.interfaceIndexes = new Int32Array(capacity);
    this.directions = new Uint8Array(capacity);
    this.seconds = new Float64Array(capacity);
    this.nanoseconds = new Int32Array(capacity);
    this.vlans = new Int32Array(capacity);
  }
}

/** A mapped ring, read block by block: `take`, use the columns, `release` in the same order. */
export class RecordingRing {
  readonly #open: OpenPacketRing;
  readonly #buffer: ArrayBuffer;
  /** Blocks and packets; also what `Atomics` reads. */
  readonly #words: Int32Array;
  readonly #columns: Columns;
  /** Next block to take. */
  #next = 0;
  #taken = 0;
  readonly #walk: PacketWalk = { at: 0, left: 0, end: 0 };
  readonly #counters = new Uint8Array(12);
  readonly #length = new Uint8Array(4);
  #packets = 0;
  #dropped = 0;

  private constructor(open: OpenPacketRing, buffer: ArrayBuffer) {
    this.#open = open;
    this.#buffer = buffer;
    this.#columns = new Columns(buffer, Math.ceil(open.blockSize / leastPacket));
    this.#words = this.#columns.words;
  }

  /** Undefined: the ring could not be mapped. */
  static attach(open: OpenPacketRing): RecordingRing | undefined {
    const buffer = mapShared(open.fd, open.blockSize * open.blockCount, true);
    return buffer === undefined ? undefined : new RecordingRing(open, buffer);
  }

  /** A ring over memory that no kernel fills, with blocks as somebody laid them out. */
  static over(memory: ArrayBuffer, blockSize: number): RecordingRing {
    const blockCount = memory.byteLength / blockSize;
    return new RecordingRing({ fd: -1, interfaceIndex: 0, interfaceName: "", blockSize, blockCount }, memory);
  }

  /** All memory of the ring: blocks lie in it at `RecordedBlock.start`. */
  get memory(): Uint8Array {
    return this.#columns.bytes;
  }

  get blockCount(): number {
    return this.#open.blockCount;
  }

  /** Frames that a block may hold at most. */
  get blockFrames(): number {
    return this.#columns.offsets.length;
  }

  /** Whether at least `blocks` blocks are full and not taken; up to all but one can be asked for. */
  isFilled(blocks: number): boolean {
    const { blockSize, blockCount } = this.#open;
    if (this.#taken + blocks > blockCount) return true;
    const index = (this.#next + blocks - 1) % blockCount;
    return (Atomics.load(this.#words, (index * blockSize + blockField.status) / 4) & 1) === 1;
  }

  /** Whether the kernel has put frames into the next block and not handed it over. */
  get isFilling(): boolean {
    const { blockSize, blockCount } = this.#open;
    if (this.#taken === blockCount) return false;
    const word = (this.#next * blockSize) / 4;
    return (
      (Atomics.load(this.#words, word + blockField.status / 4) & 1) === 0 &&
      this.#words[word + blockField.packets / 4]! > 0
    );
  }

  /**
   * Fills the columns with the next full block, without the frames that `front` takes; undefined when there is none, or all are
   * taken. Loopback shows every frame twice: only the arriving one is in the columns.
   */
  take(front?: BlockFront): RecordedBlock | undefined {
    const { blockSize, blockCount } = this.#open;
    if (this.#taken === blockCount) return undefined;
    const index = this.#next;
    const start = index * blockSize;
    // Acquire: the block's contents were written before its status.
    if ((Atomics.load(this.#words, (start + blockField.status) / 4) & 1) === 0) return undefined;
    this.#next = (index + 1) % blockCount;
    this.#taken++;
    const walk = this.#walk;
    walk.at = start + this.#words[(start + blockField.first) / 4]!;
    walk.left = this.#words[(start + blockField.packets) / 4]!;
    walk.end = start + blockSize;
    front?.take(this.#words, walk, start + writtenFrom);
    this.#read(walk.at, walk.left, walk.end);
    return { columns: this.#columns, start: start + writtenFrom, end: start + blockSize, index };
  }

  /** Gives the oldest taken block back to the kernel. */
  release(index: number): void {
    const word = (index * this.#open.blockSize) / 4;
    // The kernel does so when it begins the block: until then no frames are in it.
    this.#words[word + blockField.packets / 4] = 0;
    Atomics.store(this.#words, word + blockField.status / 4, 0);
    this.#taken--;
  }

  #read(first: number, packets: number, end: number): void {
    const words = this.#words;
    const columns = this.#columns;
    let at = first;
    let count = 0;
    for (let packet = 0; packet < packets && count < columns.offsets.length; packet++) {
      if (at + packetWord.words * 4 > end) break;
      const word = at >>> 2;
      if (this.#fill(word, at, end, count)) count++;
      const next = words[word]!;
      if (next === 0) break;
      at += next;
    }
    columns.count = count;
  }

  /** Fills column `count` from the packet at `at`; false when it is to be skipped. */
  #fill(word: number, at: number, end: number, count: number): boolean {
    const words = this.#words;
    const columns = this.#columns;
    const hardware = words[word + packetWord.hardware]!;
    const hardwareType = hardware & 0xffff;
    const packetType = (hardware >>> 16) & 0xff;
    if (hardwareType === ARPHRD_LOOPBACK && packetType === PACKET_OUTGOING) return false;
    const offsets = words[word + packetWord.offsets]!;
    const link = offsets & 0xffff;
    const linkType = linkTypeOf(hardwareType);
    const isEthernet = linkType === LINKTYPE_ETHERNET;
    // Link layers without a number of their own: from the network header on.
    const skipped = isEthernet ? 0 : Math.max(0, (offsets >>> 16) - link);
    const captured = words[word + packetWord.captured]! - skipped;
    const from = at + link + skipped;
    if (captured < 0 || from + captured > end) return false;
    columns.offsets[count] = from;
    columns.capturedLengths[count] = captured;
    columns.wireLengths[count] = Math.max(captured, words[word + packetWord.wire]! - skipped);
    columns.linkTypes[count] = linkType;
    columns.interfaceIndexes[count] = words[word + packetWord.interface]!;
    columns.directions[count] = packetType === PACKET_OUTGOING ? 2 : packetType === PACKET_OTHERHOST ? 3 : 1;
    columns.seconds[count] = words[word + packetWord.seconds]! >>> 0;
    columns.nanoseconds[count] = words[word + packetWord.nanoseconds]!;
    const status = words[word + packetWord.status]!;
    const tpid = (status & VLAN_TPID_VALID) === 0 ? TPID_8021Q : words[word + packetWord.tpid]! & 0xffff;
    const tagged = isEthernet && (status & VLAN_VALID) !== 0;
    columns.vlans[count] = tagged ? (tpid << 16) | (words[word + packetWord.tci]! & 0xffff) : 0;
    return true;
  }

  /** Frames the filter let through so far, and how many of them found the ring full. */
  statistics(): { readonly received: number; readonly dropped: number } {
    this.#length[0] = this.#counters.length;
    // Reading clears the kernel's counters. tp_packets counts dropped ones too.
    if (getsockopt(this.#open.fd, SOL_PACKET, PACKET_STATISTICS, this.#counters, this.#length) >= 0) {
      const view = new DataView(this.#counters.buffer);
      this.#packets += view.getUint32(0, true);
      this.#dropped += view.getUint32(4, true);
    }
    return { received: this.#packets, dropped: this.#dropped };
  }

  close(): void {
    unmap(this.#buffer);
    closeDescriptor(this.#open.fd);
  }
}
