import type { AggregateBy } from "../../export/index.ts";
import type { Query } from "../../query/index.ts";
import type { ConvertOptions } from "../convert/options.ts";
import type { TimeRange } from "../replay/range.ts";

export type ConfigAction = "print" | "path" | "check";

export type OutputFormat = "json" | "csv" | "plain";

/** Where live flows come from. */
export interface SourceOptions {
  /** Interfaces of the wire plane; empty: all. */
  readonly interfaces: readonly string[];
  /** In tcpdump's syntax. */
  readonly captureFilter?: string;
}

/** What is written, and when. Times in seconds. */
export interface OutputOptions {
  readonly format: OutputFormat;
  readonly by: "flow" | AggregateBy;
  /** Active flows, or sums, are also written each interval. Absent: only what ended, and the rest at the end. */
  readonly interval?: number;
  /** Ends after so many intervals. */
  readonly count?: number;
  readonly duration?: number;
  readonly filter?: Query;
  /** Addresses, names and users are replaced by aliases. */
  readonly private?: boolean;
}

/** A recording: files, how they take turns, and what of the frames is kept. */
export interface RecordingOptions {
  /** Classic pcap has a sidecar beside each file. */
  readonly format: "pcapng" | "pcap";
  /** "-" is standard output. */
  readonly path: string;
  readonly files: number;
  readonly overwrite: boolean;
  /** Bytes kept of each frame. */
  readonly snapLength: number;
  /** When the next file begins: bytes, and seconds. */
  readonly rotateSize?: number;
  readonly rotateAge?: number;
}

/** How the screen begins. */
export interface ScreenOptions {
  readonly filterText?: string;
  /** Milliseconds between two ticks; absent: as the configuration says. */
  readonly refresh?: number;
  readonly theme?: string;
  /** ISO 639-1. */
  readonly language?: string;
  /** The configuration file, in the place of the usual one. */
  readonly config?: string;
  readonly color: boolean;
  /** Begins with addresses, names and users hidden. */
  readonly private: boolean;
}

/** Capture files, and what is wanted of them. */
export interface ReplayedFiles {
  /** One at least; "-" is standard input. */
  readonly files: readonly string[];
  readonly follow: boolean;
  /** Files that tell owners; absent: those beside the captures, where there are some. */
  readonly sidecars?: readonly string[];
  readonly range: TimeRange;
  /** In tcpdump's syntax. */
  readonly captureFilter?: string;
}

/** The file that a conversion writes. */
export interface ConvertOutput {
  /** "-" is standard output. */
  readonly path: string;
  readonly overwrite: boolean;
  /** The file whose bytes pseudonyms are made with. */
  readonly redactKey?: string;
}

/** What the command line asks for. */
export type Command =
  | ({
      readonly kind: "screen";
      readonly source: SourceOptions;
      readonly recording?: RecordingOptions;
    } & ScreenOptions)
  | {
      readonly kind: "headless";
      readonly source: SourceOptions;
      readonly output: OutputOptions;
      readonly recording?: RecordingOptions;
    }
  | {
      readonly kind: "record";
      readonly source: SourceOptions;
      readonly recording: RecordingOptions;
      /** Which flows' frames are kept. */
      readonly filter?: Query;
      readonly packets?: number;
      /** Seconds. */
      readonly duration?: number;
    }
  | { readonly kind: "wireshark"; readonly action: "install" | "print" }
  | { readonly kind: "config"; readonly action: ConfigAction; readonly config?: string }
  | ({ readonly kind: "replay"; readonly output: OutputOptions } & ReplayedFiles)
  /** Capture files on the screen; `speed` in file seconds a second, Infinity: as fast as it goes. */
  | ({ readonly kind: "play"; readonly speed: number } & ReplayedFiles & ScreenOptions)
  | {
      readonly kind: "convert";
      /** One at least; "-" is standard input. */
      readonly files: readonly string[];
      readonly output: ConvertOutput;
      readonly options: ConvertOptions;
    }
  | { readonly kind: "doctor"; readonly json: boolean }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" };

/** A mistake on the command line: exit code 2. */
export interface UsageError {
  readonly ok: false;
  /** One line that says what is wrong and what to do; no control characters. */
  readonly message: string;
  /** Where in an expression it went wrong. */
  readonly caret?: { readonly text: string; readonly position: number; readonly length: number };
}
