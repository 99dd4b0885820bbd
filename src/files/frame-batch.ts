import { epochMillis, type Frame } from "../model/index.ts";

const directionNames = ["unknown", "in", "out", "other"] as const;

/** Values of `FrameBatch.directions`. */
export const frameDirection = { unknown: 0, in: 1, out: 2, other: 3 } as const;

type MutableFrame = { -readonly [Key in keyof Frame]: Frame[Key] };

/**
 * Frames of one read, as columns: frame `i` (below `count`) is `bytes[offsets[i], offsets[i] + capturedLengths[i])`. The
 * columns and `bytes` are reused by the next read: copy what you keep. Hand the offset to `decode` to make no view.
 */
export class FrameBatch {
  /** Most frames the batch can hold. */
  readonly capacity: number;
  count = 0;
  bytes: Uint8Array = new Uint8Array(0);
  readonly offsets: Uint32Array;
  readonly capturedLengths: Uint32Array;
  readonly wireLengths: Uint32Array;
  /** LINKTYPE_ numbers of the pcap registry. */
  readonly linkTypes: Uint16Array;
  /** Index into the reader's `interfaces`. */
  readonly interfaceIndexes: Uint32Array;
  /** See `frameDirection`. */
  readonly directions: Uint8Array;
  /** Time as in the file: whole seconds since the epoch, and nanoseconds from 0 to 999,999,999. */
  readonly seconds: Float64Array;
  readonly nanoseconds: Uint32Array;
  /** Where in `bytes` the pcapng options of a frame stand, with their end-of-options; length 0: none. */
  readonly optionOffsets: Uint32Array;
  readonly optionLengths: Uint32Array;
  /** Byte order of the options. */
  littleEndian = true;
  private readonly view: MutableFrame = {
    time: epochMillis(0),
    linkType: 0,
    interfaceIndex: 0,
    direction: "unknown",
    bytes: new Uint8Array(0),
    wireLength: 0,
    vlan: 0,
  };
  private readonly place: MutableFrame & { offset: number; capturedLength: number } = {
    ...this.view,
    offset: 0,
    capturedLength: 0,
  };

  constructor(capacity = 4096) {
    this.capacity = Math.max(1, Math.floor(capacity));
    this.offsets = new Uint32Array(this.capacity);
    this.capturedLengths = new Uint32Array(this.capacity);
    this.wireLengths = new Uint32Array(this.capacity);
    this.linkTypes = new Uint16Array(this.capacity);
    this.interfaceIndexes = new Uint32Array(this.capacity);
    this.directions = new Uint8Array(this.capacity);
    this.seconds = new Float64Array(this.capacity);
    this.nanoseconds = new Uint32Array(this.capacity);
    this.optionOffsets = new Uint32Array(this.capacity);
    this.optionLengths = new Uint32Array(this.capacity);
  }

  /** Time of frame `index` in milliseconds since the epoch; about a quarter of a microsecond fine. */
  millis(index: number): number {
    return this.seconds[index]! * 1000 + this.nanoseconds[index]! / 1e6;
  }

  /**
   * Frame `index` in the form a host's wire plane gives it. The one object of the batch, filled anew by each call.
   * `interfaceIndex` takes the place of the reader's own number.
   */
  frame(index: number, interfaceIndex: number = this.interfaceIndexes[index]!): Frame {
    const view = this.view;
    const offset = this.offsets[index]!;
    view.time = epochMillis(this.millis(index));
    view.linkType = this.linkTypes[index]!;
    view.interfaceIndex = interfaceIndex;
    view.direction = directionNames[this.directions[index]!] ?? "unknown";
    view.bytes = this.bytes.subarray(offset, offset + this.capturedLengths[index]!);
    view.wireLength = this.wireLengths[index]!;
    return view;
  }

  /** As `frame`, but `bytes` are those of all frames, and `offset` and `capturedLength` say where this one is: nothing is allocated. */
  frameInPlace(index: number, interfaceIndex: number = this.interfaceIndexes[index]!): Frame {
    const view = this.place;
    view.time = epochMillis(this.millis(index));
    view.linkType = this.linkTypes[index]!;
    view.interfaceIndex = interfaceIndex;
    view.direction = directionNames[this.directions[index]!] ?? "unknown";
    if (view.bytes !== this.bytes) view.bytes = this.bytes;
    view.offset = this.offsets[index]!;
    view.capturedLength = this.capturedLengths[index]!;
    view.wireLength = this.wireLengths[index]!;
    return view;
  }
}
