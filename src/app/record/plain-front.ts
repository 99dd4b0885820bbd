/**
 * The short way from the ring to the file, for what most frames are where they are many: short, whole, Ethernet without a tag,
 * TCP or UDP over IPv4, of a flow that the connection table knows. Each is read, looked up and written in one go, without the
 * columns that every other frame goes through.
 */
import type { PairedWords, PlainFrame } from "../../files/index.ts";
import { headerToFrame, packetWord, type BlockFront, type PacketWalk } from "../../host/linux/recording-ring.ts";
import type { FlowNotes } from "./flow-notes.ts";
import { plainLength } from "./tuple-notes.ts";

/** How a format writes such a frame. */
export interface PlainWriter {
  begin(at: number): void;
  append(memory: PairedWords, from: number, frame: PlainFrame): void;
  readonly end: number;
}

const ARPHRD_ETHER = 1;
const PACKET_OTHERHOST = 3;
const PACKET_OUTGOING = 4;
const VLAN_VALID = 1 << 4;
/** Both offsets of an Ethernet frame, as the kernel tells them. */
const plainOffsets = headerToFrame | ((headerToFrame + 14) << 16);
/** From this length on frames are not worth this way, nor are blocks with fewer than so many. */
const longest = 512;
const fewest = 256;
/** Protocol and what tells a fragment, and what they are where ports follow. */
const protocolMask = 0xff00_ff3f | 0;
const tcp = 6 << 24;
const udp = 17 << 24;
const frameWords = headerToFrame / 4;

/**
 * What is written of a frame is shorter than what the kernel laid out, by 25 bytes at least, but begins so late that the first
 * frames of a block may overwrite the headers of as many frames behind them.
 */
const overwritten = 2;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Takes frames from the front of a block, as long as they are of that kind. */
export class PlainFront implements BlockFront {
  readonly #bytes: Uint8Array;
  readonly #memory: PairedWords;
  readonly #notes: Pick<FlowNotes, "begin" | "flowOf">;
  /** Undefined: the file wants something else first. */
  readonly #writer: () => PlainWriter | undefined;
  readonly #frame: Writable<PlainFrame> = {
    captured: 0,
    wire: 0,
    seconds: 0,
    nanoseconds: 0,
    interfaceIndex: 0,
    direction: 0,
    flow: 0,
  };
  /** Milliseconds since the epoch. */
  now = -Infinity;
  /** Of the last block: frames that were taken, their bytes on the wire, and where what was written ends. */
  frames = 0;
  wireBytes = 0;
  end = 0;

  constructor(bytes: Uint8Array, notes: Pick<FlowNotes, "begin" | "flowOf">, writer: () => PlainWriter | undefined) {
    this.#bytes = bytes;
    const { buffer, byteOffset, byteLength } = bytes;
    this.#memory = {
      words: new Int32Array(buffer, byteOffset, byteLength >>> 2),
      pairs: new BigInt64Array(buffer, byteOffset, byteLength >>> 3),
    };
    this.#notes = notes;
    this.#writer = writer;
  }

  take(words: Int32Array, walk: PacketWalk, start: number): void {
    this.frames = 0;
    this.wireBytes = 0;
    const writer = this.#writer();
    if (writer === undefined || walk.left < fewest) return;
    this.#notes.begin(this.now);
    if (!this.#areFirstPlain(words, walk)) return;
    writer.begin(start);
    this.#turn(words, walk, writer);
    this.end = writer.end;
  }

  /** Whether none is left to the long way whose header will be overwritten. */
  #areFirstPlain(words: Int32Array, { at, end }: PacketWalk): boolean {
    let word = at >>> 2;
    for (let nth = 0; nth <= overwritten; nth++) {
      const captured = words[word + packetWord.captured]!;
      const distance = words[word + packetWord.next]!;
      const hardware = words[word + packetWord.hardware]!;
      const isPlainOne = isPlain(
        hardware,
        words[word + packetWord.offsets]!,
        words[word + packetWord.status]!,
        captured,
        distance,
      );
      if (!isPlainOne || word * 4 + distance > end) return false;
      if (this.#notes.flowOf(this.#bytes, words, word + frameWords, captured, captured) === 0) return false;
      word += distance >>> 2;
    }
    return true;
  }

  /**
   * The last frame is left to the long way, which can align what it ends with. What is written of a frame may reach into the
   * next one's header, which is read before.
   */
  #turn(words: Int32Array, walk: PacketWalk, writer: PlainWriter): void {
    const frame = this.#frame;
    const memory = this.#memory;
    const lastWord = (walk.end >>> 2) - packetWord.words;
    let left = walk.left;
    let wireBytes = 0;
    let flow = 0;
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    let protocol = -1;
    let word = walk.at >>> 2;
    let distance = words[word + packetWord.next]!;
    let seconds = words[word + packetWord.seconds]!;
    let nanoseconds = words[word + packetWord.nanoseconds]!;
    let captured = words[word + packetWord.captured]!;
    let wire = words[word + packetWord.wire]!;
    let status = words[word + packetWord.status]!;
    let offsets = words[word + packetWord.offsets]!;
    let interfaceIndex = words[word + packetWord.interface]!;
    let hardware = words[word + packetWord.hardware]!;
    for (; left > 1; left--) {
      const following = word + (distance >>> 2);
      if (following > lastWord || !isPlain(hardware, offsets, status, captured, distance)) break;
      const from = word + frameWords;
      // Ports and what is before them, as in the frame before: the same flow.
      const isSame =
        words[from + 7] === second &&
        words[from + 8] === third &&
        words[from + 6] === first &&
        (words[from + 9]! & 0xffff) === fourth &&
        (words[from + 5]! & protocolMask) === protocol &&
        (words[from + 3]! & 0xff_ffff) === 0x45_0008;
      if (!isSame) {
        flow = this.#notes.flowOf(this.#bytes, words, from, captured, wire);
        if (flow === 0) break;
        first = words[from + 6]!;
        second = words[from + 7]!;
        third = words[from + 8]!;
        fourth = words[from + 9]! & 0xffff;
        protocol = words[from + 5]! & protocolMask;
        // Nothing is like what has no ports there.
        if (protocol !== tcp && protocol !== udp) protocol = -1;
      }
      frame.captured = captured;
      frame.wire = wire < captured ? captured : wire;
      frame.seconds = seconds;
      frame.nanoseconds = nanoseconds;
      frame.interfaceIndex = interfaceIndex;
      frame.direction = ((hardware >>> 16) & 0xff) === PACKET_OUTGOING ? 2 : 1;
      frame.flow = flow;
      wireBytes += frame.wire;
      word = following;
      distance = words[word + packetWord.next]!;
      seconds = words[word + packetWord.seconds]!;
      nanoseconds = words[word + packetWord.nanoseconds]!;
      captured = words[word + packetWord.captured]!;
      wire = words[word + packetWord.wire]!;
      status = words[word + packetWord.status]!;
      offsets = words[word + packetWord.offsets]!;
      interfaceIndex = words[word + packetWord.interface]!;
      hardware = words[word + packetWord.hardware]!;
      writer.append(memory, from, frame);
    }
    this.frames = walk.left - left;
    this.wireBytes = wireBytes;
    walk.at = word * 4;
    walk.left = left;
  }
}

/** Whether a packet with such a header may go the short way, as far as the header tells. */
function isPlain(hardware: number, offsets: number, status: number, captured: number, distance: number): boolean {
  return (
    (hardware & 0xffff) === ARPHRD_ETHER &&
    ((hardware >>> 16) & 0xff) !== PACKET_OTHERHOST &&
    offsets === plainOffsets &&
    (status & VLAN_VALID) === 0 &&
    captured >= plainLength &&
    captured < longest &&
    distance >= headerToFrame + captured
  );
}
