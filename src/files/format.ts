import type { FrameBatch } from "./frame-batch.ts";
import type { InterfaceStatistics } from "./observer.ts";
import type { Window } from "./window.ts";

/** Where a file stops making sense. Everything before `offset` (in bytes from the file's start) was handed over. */
export interface Damage {
  readonly offset: number;
  /** "frame: need 60, have 12", "block length 13 is not a multiple of 4", ... */
  readonly reason: string;
}

/** An interface that frames were captured on; its index is `FrameBatch.interfaceIndexes`. */
export interface CaptureInterface {
  readonly linkType: number;
  /** Most bytes captured of a frame; 0: no limit. */
  readonly snapLength: number;
  readonly name?: string;
  readonly description?: string;
  /** Capture filter in libpcap's syntax. */
  readonly filter?: string;
  /** IPv4 and IPv6 addresses of the interface, as text. */
  readonly addresses?: readonly string[];
  /** How fine its times are. */
  readonly ticksPerSecond: number;
  /** Counters of the interface, once the file has told them. */
  readonly statistics?: InterfaceStatistics;
}

/**
 * A parser's step: a number is how many bytes from `window.position` the next record needs; "full": the batch is;
 * `Damage`: nothing behind it can be read.
 */
export type Step = number | "full" | Damage;

/** Parses one file format out of a window that slides over the file. */
export interface FormatParser {
  /** "pcap", "pcap (nanoseconds)", "pcapng", ... */
  readonly name: string;
  readonly interfaces: readonly CaptureInterface[];
  /** How many blocks of each type were passed over. */
  readonly skippedBlocks: ReadonlyMap<number, number>;
  /** Takes whole records from `window.position` on into `batch`. */
  parse(window: Window, batch: FrameBatch): Step;
  /** What is wrong when the file ends with `available` bytes left of a record that needs `need`. */
  cut(window: Window, need: number): Damage;
}

/** Counts that appear in both formats' messages. */
export function cutDamage(window: Window, what: string, need: number): Damage {
  return { offset: window.fileOffset, reason: `${what}: need ${need}, have ${window.available}` };
}
