import type { HostnameSource } from "./application.ts";
import type { Endpoint, Geo } from "./connection.ts";
import type { Attribution, ProcessInfo } from "./process.ts";

/** What a recording tells of a flow beside its frames: who had it, and what it was called. */
export interface RecordedFlow {
  /** As `Connection.protocol`: "TCP", "UDP", ... */
  readonly protocol: string;
  /** The side that opened the flow, and the other. */
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** True: the recording machine is the source; undefined: not known. */
  readonly localIsSource: boolean | undefined;
  /** Who opened it, seen from the recording machine, where the recorder knew it for certain. */
  readonly direction?: "inbound" | "outbound";
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly attribution: Attribution;
  readonly process?: ProcessInfo;
  readonly networkNamespace?: number;
  /** Where its frames were seen, for a file that names no interfaces. */
  readonly interfaceName?: string;
  /** Where the remote side is registered. */
  readonly geo?: Geo;
  readonly hostname?: string;
  readonly hostnameSource?: HostnameSource;
}
