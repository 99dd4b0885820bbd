/** What crosses loopback belongs to two processes of one machine: a recording that knows both gives each end its row back. */
import type { ConnectionRow } from "./connection-row.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { EngineParts } from "./engine-parts.ts";
import type { RecordedFlows } from "./recorded-flows.ts";
import type { TcpAnalysis } from "./tcp-analysis.ts";
import { hasPorts, TupleKey } from "./tuple-key.ts";
import type { WireRows } from "./wire-rows.ts";

/** Makes the second rows of flows that have a record for each end. From then on each frame counts to both. */
export class OtherEnds {
  readonly #parts: EngineParts;
  readonly #recorded: RecordedFlows;
  readonly #wireRows: WireRows;
  readonly #key = new TupleKey();

  constructor(parts: EngineParts, recorded: RecordedFlows, wireRows: WireRows) {
    this.#parts = parts;
    this.#recorded = recorded;
    this.#wireRows = wireRows;
  }

  /** Gives the other end a row, if the recording tells of both; it has counted then what this row has. */
  join(row: ConnectionRow): void {
    if (row.closed || row.otherEnd !== undefined || row.tunnel !== undefined) return;
    // Of what has no ports the kernel answers, wherever it is.
    if (!hasPorts(row.protocolNumber)) return;
    if (!this.#recorded.hasBothEnds(row)) return;
    const { table, processes, names, services } = this.#parts;
    const other = this.#create(row);
    this.#wireRows.add(other);
    const { txBytes, rxBytes, txPackets, rxPackets } = row;
    if (txPackets + rxPackets > 0) {
      table.count(other, rxBytes, txBytes, rxPackets, txPackets);
      // They passed in ticks of before, or show in the next one.
      table.unrate(other, rxBytes, txBytes);
    }
    other.lastActivity = row.lastActivity;
    services.name(other);
    names.begin(other);
    this.#recorded.apply(other, processes);
    copyFindings(other, row, table);
    table.settle(other);
  }

  #create(row: ConnectionRow): ConnectionRow {
    const { local, remote, protocolNumber, networkNamespace, start } = row;
    const key = this.#key;
    key.setText(remote.address, remote.port, local.address, local.port, protocolNumber);
    const fields = { protocolNumber, local: remote, remote: local, networkNamespace, start };
    const other = this.#parts.table.create(key, fields, !key.swapped);
    row.otherEnd = other;
    other.otherEnd = row;
    other.mirrors = true;
    other.localIsClient = !row.localIsClient;
    if (row.direction !== "unknown") other.direction = row.direction === "inbound" ? "outbound" : "inbound";
    other.interfaceIndex = row.interfaceIndex;
    if (row.interfaceName !== undefined) other.interfaceName = row.interfaceName;
    if (row.tcp !== undefined) {
      other.tcp = row.tcp.mirrored;
      other.state = other.tcp.state;
      if (row.tcpAnalysis !== undefined) analyse(other, row.tcpAnalysis.mirrored);
    }
    return other;
  }
}

/** What payload tells is the same for both ends: the one that was there first learns it. */
export function copyFindings(row: ConnectionRow, from: ConnectionRow, table: ConnectionTable): void {
  row.inspected = from.inspected;
  const { application } = from;
  if (application === undefined || application === row.application) return;
  row.application = application;
  table.settle(row);
}

/** In a file, where every packet is seen, quality comes from packets. */
export function analyse(row: ConnectionRow, analysis: TcpAnalysis): void {
  row.tcpAnalysis = analysis;
  row.ownQuality = true;
  row.quality = analysis.quality;
}
