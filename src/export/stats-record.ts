import type { Snapshot } from "../model/index.ts";
import type { StatsRecord } from "./record.ts";
import { eveTimestamp } from "./timestamp.ts";

/**
 * Totals, level and losses at the time of `snapshot`; `recordsDropped` counts what the writer itself had to drop,
 * `tickMillis` is how long the engine's last tick took.
 */
export function statsRecord(snapshot: Snapshot, recordsDropped: number, tickMillis?: number): StatsRecord {
  const { level, losses, totals } = snapshot;
  return {
    timestamp: eveTimestamp(snapshot.time),
    event_type: "stats",
    stats: {
      uptime: Math.max(0, Math.floor((snapshot.time - snapshot.start) / 1000)),
      ...(tickMillis !== undefined && { tick_ms: Math.round(tickMillis * 1000) / 1000 }),
      level: level.level,
      ...(level.reason !== undefined && { reason: level.reason }),
      ...(level.missing.length > 0 && { missing: level.missing }),
      totals: {
        live: totals.live,
        closed: totals.closed,
        opened: totals.opened,
        ended: totals.ended,
        tx_bytes: totals.txBytes,
        rx_bytes: totals.rxBytes,
        tx_packets: totals.txPackets,
        rx_packets: totals.rxPackets,
        tx_rate: Math.round(totals.txRate),
        rx_rate: Math.round(totals.rxRate),
      },
      losses: {
        table_full_packets: losses.tableFullPackets,
        table_full_bytes: losses.tableFullBytes,
        samples_lost: losses.samplesLost,
        process_events_lost: losses.processEventsLost,
        frames_dropped: losses.framesDropped,
        unattributed_bytes: losses.unattributedBytes,
        evicted: losses.evicted,
        records_dropped: recordsDropped,
      },
      ...(snapshot.interfaces.length > 0 && {
        interfaces: snapshot.interfaces.map(({ name, txBytes, rxBytes }) => ({
          name,
          tx_bytes: txBytes,
          rx_bytes: rxBytes,
        })),
      }),
    },
  };
}
