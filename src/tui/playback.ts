import type { EpochMillis } from "../model/index.ts";

/** Bytes of frames over the whole file, in cells of equal time. */
export interface RateCells {
  /** Bytes of each cell from the first frame on. */
  readonly bytes: Float64Array;
  /** Milliseconds of a cell. */
  readonly width: number;
}

/** Where a replay stands. Times are milliseconds since the first packet, by the file's clock. */
export interface PlaybackState {
  readonly position: number;
  /** Packets taken in so far. */
  readonly packets: number;
  /** What the file's clock shows at the position, at the beginning and at the end; undefined before the first packet. */
  readonly clock: EpochMillis | undefined;
  readonly begin: EpochMillis | undefined;
  /** How long the file is; estimated until `isCounted`. 0: not known yet. */
  readonly length: number;
  /** Packets of the file, as far as they are counted. */
  readonly totalPackets: number;
  /** The whole file was looked at; never true of one that still grows. */
  readonly isCounted: boolean;
  /** File seconds a second; Infinity: as fast as it goes. */
  readonly speed: number;
  readonly playing: boolean;
  readonly loops: boolean;
  /** The end of the file is reached. */
  readonly ended: boolean;
  /** How much of the way to the place that was asked for is done, 0 to 1; undefined: it is there. */
  readonly seeking: number | undefined;
  readonly rate: RateCells;
}

/** A place in a file: a time since the first packet, in milliseconds, or so many packets. */
export type SeekTarget =
  | { readonly kind: "time"; readonly time: number }
  | { readonly kind: "packet"; readonly packets: number };

/** A replay as the screen drives it. What moves the place may take a while: `seeking` tells. */
export interface Playback {
  state(): PlaybackState;
  /** Plays, or pauses; at the end it plays from the beginning. */
  playPause(): void;
  /** By one step of the speeds. */
  faster(): void;
  slower(): void;
  /** Whether the end is followed by the beginning. */
  toggleLoop(): void;
  /** False: it cannot go back, since it reads a pipe. */
  seek(target: SeekTarget): boolean;
  /** Pauses, and goes by so many packets; false as of `seek`. */
  stepPackets(by: number): boolean;
  /** Pauses, and goes by so many ticks of half a second; false as of `seek`. */
  stepTicks(by: number): boolean;
  /** Stays where it is, and no longer goes where it was asked to. */
  cancelSeek(): void;
}
