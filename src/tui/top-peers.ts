import type { Connection } from "../model/index.ts";
import { processKey } from "./grouping.ts";
import type { ActivityKind } from "./process-rates.ts";

const keyOf = (row: Connection, kind: ActivityKind): string => {
  const { process } = row;
  if (process === undefined) return "";
  if (kind === "service") return process.service ?? "";
  return kind === "container" ? (process.container?.id ?? "") : processKey(process);
};

/** The peer each entry exchanges most with over the connections that there are: rates of ten seconds, then bytes. `real` gives the row that entries are known by; peers are called as shown. */
export function topPeers(
  connections: readonly Connection[],
  kind: ActivityKind,
  real: (row: Connection) => Connection = (row) => row,
): Map<string, string> {
  const sums = new Map<string, Map<string, { rate: number; bytes: number }>>();
  for (const row of connections) {
    const peer = row.hostname ?? row.remote.address;
    if (peer === "" || row.state === "LISTEN" || row.tunnel !== undefined) continue;
    const key = keyOf(real(row), kind);
    let peers = sums.get(key);
    if (peers === undefined) sums.set(key, (peers = new Map()));
    let sum = peers.get(peer);
    if (sum === undefined) peers.set(peer, (sum = { rate: 0, bytes: 0 }));
    sum.rate += row.rxRate10 + row.txRate10;
    sum.bytes += row.rxBytes + row.txBytes;
  }
  const found = new Map<string, string>();
  for (const [key, peers] of sums) {
    let best = { rate: -1, bytes: -1 };
    for (const [peer, sum] of peers) {
      if (sum.rate < best.rate || (sum.rate === best.rate && sum.bytes <= best.bytes)) continue;
      best = sum;
      found.set(key, peer);
    }
  }
  return found;
}
