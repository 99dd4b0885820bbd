/** How much the program can see. DESIGN section 1, "Degradation is visible". */
export type Level = "full" | "capture" | "unprivileged" | "replay";

/** The level and, when it is not `full`, one line for a person: what is missing. */
export interface LevelReport {
  readonly level: Level;
  readonly reason?: string;
  /** Optional parts that did not load, with why: "process events: no BTF". */
  readonly missing: readonly string[];
}

/** Counters of what was lost; each only grows. All zero on a healthy machine. */
export interface Losses {
  /** Packets and bytes that met a full flow table in the kernel. */
  readonly tableFullPackets: number;
  readonly tableFullBytes: number;
  /** Payload samples and process events that met a full ring. */
  readonly samplesLost: number;
  readonly processEventsLost: number;
  /** Frames the packet ring dropped. */
  readonly framesDropped: number;
  /** Bytes on connections whose owner nobody knows. */
  readonly unattributedBytes: number;
  /** Rows evicted while still live, to stay within bounds. */
  readonly evicted: number;
}

export const noLosses: Losses = {
  tableFullPackets: 0,
  tableFullBytes: 0,
  samplesLost: 0,
  processEventsLost: 0,
  framesDropped: 0,
  unattributedBytes: 0,
  evicted: 0,
};
