import { isTcp, type ConnectionRow } from "./connection-row.ts";
import { timeouts } from "./timeouts.ts";

const bins = 32;

/**
 * The rows to give up so that the kernel's table has room: idle datagram flows first, then whoever was silent longest.
 * Idle times are told apart by powers of two, which takes two passes and no sorting. Rows without a peer stay: listeners
 * cost one place each and say nothing again.
 */
export function chooseEvictions(rows: readonly ConnectionRow[], now: number, wanted: number): ConnectionRow[] {
  const counts = new Int32Array(bins * 2);
  for (const row of rows) if (isCandidate(row)) counts[rank(row, now)]!++;
  let threshold = counts.length - 1;
  let above = 0;
  while (threshold > 0 && above + counts[threshold]! < wanted) above += counts[threshold--]!;
  let atThreshold = wanted - above;
  const chosen: ConnectionRow[] = [];
  for (const row of rows) {
    if (!isCandidate(row)) continue;
    const place = rank(row, now);
    if (place < threshold || (place === threshold && atThreshold-- <= 0)) continue;
    chosen.push(row);
  }
  return chosen;
}

const isCandidate = (row: ConnectionRow): boolean => row.hasSocket && !row.closed && row.hasPeer;

function rank(row: ConnectionRow, now: number): number {
  const idle = Math.max(now - row.lastActivity, 0);
  const bin = Math.min(Math.floor(Math.log2(idle + 1)), bins - 1);
  return !isTcp(row) && idle >= timeouts.idle ? bins + bin : bin;
}
