import type { WireFlow } from "../model/index.ts";
import type { ConnectionRow } from "./connection-row.ts";
import type { ConnectionTable } from "./connection-table.ts";

/** What a row without a socket remembers of the packet filter's totals; transmit and receive are the row's. */
export interface WireTotals {
  /** Totals last seen. */
  txBytes: number;
  txPackets: number;
  rxBytes: number;
  rxPackets: number;
  /** Totals of filter entries that began anew. */
  baseTxBytes: number;
  baseTxPackets: number;
  baseRxBytes: number;
  baseRxPackets: number;
  /** Counted from frames that were handed up. */
  frameTxBytes: number;
  frameTxPackets: number;
  frameRxBytes: number;
  frameRxPackets: number;
}

/** Adds a frame of `bytes` that was handed up. */
export function addFrame(wire: WireTotals, bytes: number, transmit: boolean): void {
  if (transmit) {
    wire.frameTxBytes += bytes;
    wire.frameTxPackets++;
  } else {
    wire.frameRxBytes += bytes;
    wire.frameRxPackets++;
  }
}

/** Takes over what the filter has counted by now. */
export function addFlowTotals(wire: WireTotals, flow: WireFlow, transmit: boolean): void {
  if (transmit) {
    // A smaller total: the filter forgot the flow and began anew.
    if (flow.packets < wire.txPackets) {
      wire.baseTxBytes += wire.txBytes;
      wire.baseTxPackets += wire.txPackets;
    }
    wire.txBytes = flow.bytes;
    wire.txPackets = flow.packets;
    return;
  }
  if (flow.packets < wire.rxPackets) {
    wire.baseRxBytes += wire.rxBytes;
    wire.baseRxPackets += wire.rxPackets;
  }
  wire.rxBytes = flow.bytes;
  wire.rxPackets = flow.packets;
}

export function newWireTotals(): WireTotals {
  return {
    txBytes: 0,
    txPackets: 0,
    rxBytes: 0,
    rxPackets: 0,
    baseTxBytes: 0,
    baseTxPackets: 0,
    baseRxBytes: 0,
    baseRxPackets: 0,
    frameTxBytes: 0,
    frameTxPackets: 0,
    frameRxBytes: 0,
    frameRxPackets: 0,
  };
}

/** Counts in the row what is new in its totals. Each packet once: the filter counts those too that it hands up as frames. */
export function countTotals(table: ConnectionTable, row: ConnectionRow, wire: WireTotals): void {
  table.count(
    row,
    Math.max(wire.frameTxBytes - row.txBytes, wire.baseTxBytes + wire.txBytes - row.txBytes, 0),
    Math.max(wire.frameRxBytes - row.rxBytes, wire.baseRxBytes + wire.rxBytes - row.rxBytes, 0),
    Math.max(wire.frameTxPackets - row.txPackets, wire.baseTxPackets + wire.txPackets - row.txPackets, 0),
    Math.max(wire.frameRxPackets - row.rxPackets, wire.baseRxPackets + wire.rxPackets - row.rxPackets, 0),
  );
}
