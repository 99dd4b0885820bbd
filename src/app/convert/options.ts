import type { Compression } from "../../files/index.ts";
import type { Query } from "../../query/index.ts";
import type { PseudonymMode } from "../../redact/index.ts";
import type { TimeRange } from "../replay/range.ts";

/** How fine the times of a pcap file are: "finest" is as the files that are read have them. */
export type PcapTimes = "finest" | "microseconds" | "nanoseconds";

/** What is to become of the frames. */
export interface ConvertOptions {
  readonly format: "pcapng" | "pcap";
  readonly times: PcapTimes;
  readonly compression?: Compression;
  readonly range: TimeRange;
  /** Which flows' frames are written. */
  readonly filter?: Query;
  /** Ends after so many. */
  readonly packets?: number;
  /** Bytes kept behind the headers; all when absent. */
  readonly payload?: number;
  readonly redact?: { readonly mode: PseudonymMode; readonly keepPayload: boolean };
}
