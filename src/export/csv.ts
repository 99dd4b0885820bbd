import { escapeText } from "./escape.ts";
import type { AggregateRecord, ExportRecord, FlowRecord, LossRecord, StatsRecord } from "./record.ts";

type Cell = string | number | undefined;
type Columns<R> = readonly (readonly [name: string, cell: (record: R) => Cell])[];

const flowColumns: Columns<FlowRecord> = [
  ["event_type", (r) => r.event_type],
  ["timestamp", (r) => r.timestamp],
  ["flow_id", (r) => r.flow_id],
  ["proto", (r) => r.proto],
  ["src_ip", (r) => r.src_ip],
  ["src_port", (r) => r.src_port],
  ["dest_ip", (r) => r.dest_ip],
  ["dest_port", (r) => r.dest_port],
  ["app_proto", (r) => r.app_proto],
  ["app_proto_by", (r) => r.app_proto_by],
  ["app_proto_hint", (r) => r.app_proto_hint],
  ["hostname", (r) => r.hostname],
  ["hostname_source", (r) => r.hostname_source],
  ["app_family", (r) => r.app_family?.name],
  ["direction", (r) => r.direction],
  ["state", (r) => r.flow.state],
  ["reason", (r) => r.flow.reason],
  ["start", (r) => r.flow.start],
  ["end", (r) => r.flow.end],
  ["age", (r) => r.flow.age],
  ["pkts_toserver", (r) => r.flow.pkts_toserver],
  ["pkts_toclient", (r) => r.flow.pkts_toclient],
  ["bytes_toserver", (r) => r.flow.bytes_toserver],
  ["bytes_toclient", (r) => r.flow.bytes_toclient],
  ["tcp_state", (r) => r.tcp?.state],
  ["rtt", (r) => r.tcp?.rtt],
  ["retransmits", (r) => r.tcp?.retransmits],
  ["pid", (r) => r.process?.pid],
  ["process_start", (r) => r.process?.start],
  ["process_name", (r) => r.process?.name],
  ["executable", (r) => r.process?.executable],
  ["command_line", (r) => r.process?.command_line],
  ["parent_pid", (r) => r.process?.parent?.pid],
  ["parent_name", (r) => r.process?.parent?.name],
  ["user_id", (r) => r.process?.user?.id],
  ["user_name", (r) => r.process?.user?.name],
  ["container_id", (r) => r.process?.container?.id],
  ["container_name", (r) => r.process?.container?.name],
  ["service", (r) => r.process?.service],
  ["attribution", (r) => r.attribution],
  ["in_iface", (r) => r.in_iface],
];

const aggregateColumns: Columns<AggregateRecord> = [
  ["event_type", (r) => r.event_type],
  ["timestamp", (r) => r.timestamp],
  ["by", (r) => r.by],
  ["name", (r) => r.name],
  ["pid", (r) => r.process?.pid],
  ["process_start", (r) => r.process?.start],
  ["executable", (r) => r.process?.executable],
  ["command_line", (r) => r.process?.command_line],
  ["user_id", (r) => r.process?.user?.id],
  ["user_name", (r) => r.process?.user?.name],
  ["flows", (r) => r.flows],
  ["live", (r) => r.live],
  ["tx_bytes", (r) => r.tx_bytes],
  ["rx_bytes", (r) => r.rx_bytes],
  ["tx_packets", (r) => r.tx_packets],
  ["rx_packets", (r) => r.rx_packets],
  ["tx_rate", (r) => r.tx_rate],
  ["rx_rate", (r) => r.rx_rate],
];

/** Columns that only the rows of `event_type` "stats" fill: losses are part of every export. */
const statsColumns: Columns<StatsRecord> = [
  ["level", (r) => r.stats.level],
  ...(
    [
      "table_full_packets",
      "table_full_bytes",
      "samples_lost",
      "process_events_lost",
      "frames_dropped",
      "unattributed_bytes",
      "evicted",
      "records_dropped",
    ] as const satisfies readonly (keyof LossRecord)[]
  ).map((name) => [name, (r: StatsRecord): Cell => r.stats.losses[name]] as const),
];

/**
 * One cell of RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, "CSV
 * Injection"), and so does text that looks as if it had got one: taking one off gives back what it was. Controls are
 * escaped, so that a record is always one line.
 */
function cell(value: Cell): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = escapeText(value);
  const safe = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Cells of any table as one line, without its line end. */
export const csvLine = (cells: readonly Cell[]): string => cells.map(cell).join(",");

/** Writes records of one kind, and stats records, as lines with the same columns; without the line ends (CRLF). */
export interface CsvWriter {
  readonly header: string;
  line(record: ExportRecord): string;
}

function createWriter<R extends FlowRecord | AggregateRecord>(columns: Columns<R>): CsvWriter {
  const blanks = ",".repeat(columns.length - 2);
  const statsBlanks = ",".repeat(statsColumns.length);
  return {
    header: [...columns, ...statsColumns].map(([name]) => name).join(","),
    line(record) {
      if (record.event_type === "stats") {
        const cells = statsColumns.map(([, read]) => cell(read(record))).join(",");
        return `stats,${cell(record.timestamp)}${blanks},${cells}`;
      }
      // The caller writes records of the kind that it asked for.
      const cells = columns.map(([, read]) => cell(read(record as R))).join(",");
      return `${cells}${statsBlanks}`;
    },
  };
}

/** `"flow"` for flow records, `"aggregate"` for sums. */
export const createCsvWriter = (kind: "flow" | "aggregate"): CsvWriter =>
  kind === "flow" ? createWriter(flowColumns) : createWriter(aggregateColumns);
