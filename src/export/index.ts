/** Snapshots and connections as lines for others to read: JSON (EVE names), CSV, and tables for people. */
export { Aggregator } from "./aggregate.ts";
export { createCsvWriter, csvLine, type CsvWriter } from "./csv.ts";
export { escapeText } from "./escape.ts";
export { flowRecord, type FlowRecordOptions } from "./flow-record.ts";
export { type Fields, isFields, readFields, readFlowFields, readFlowRecord } from "./read-flow-record.ts";
export { readPtcpdumpComment } from "./ptcpdump.ts";
export { readRustnetComment } from "./rustnet.ts";
export { jsonLine } from "./json.ts";
export { plainAggregates, plainFlows, plainFlowsInOrder, plainStatus, plainTable } from "./plain.ts";
export type {
  AggregateBy,
  AggregateRecord,
  ExportRecord,
  FlowCounters,
  FlowRecord,
  LossRecord,
  ProcessRecord,
  SegmentRecord,
  StatsRecord,
  TcpRecord,
} from "./record.ts";
export { LineCutter } from "./line-cutter.ts";
export {
  readSidecarLine,
  sidecarFlowLine,
  sidecarHeaderLine,
  sidecarInterfaceLine,
  sidecarStatisticsLine,
  type SidecarEntry,
  type SidecarHeader,
  type SidecarInterface,
  type SidecarStatistics,
} from "./sidecar.ts";
export { statsRecord } from "./stats-record.ts";
export { eveTimestamp } from "./timestamp.ts";
export { formatBytes, formatCount } from "./units.ts";
export { textWidth } from "./width.ts";
export { sidecarPath } from "./sidecar-path.ts";
