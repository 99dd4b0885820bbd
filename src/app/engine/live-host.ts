import { readFileSync } from "node:fs";
import { createLinuxHost } from "../../host/linux/index.ts";
import type { Host } from "../../model/index.ts";
import type { BrokerClient } from "./broker-client.ts";
import type { EngineContext } from "./context.ts";

/** The first line of /proc/PID/comm; empty when the process is gone. */
function commandName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").slice(0, 64).replace(/\n$/, "");
  } catch {
    return "";
  }
}

/** Both planes of this machine, as far as the broker opened them; a text: what is wrong. */
export function createHost(planes: EngineContext["planes"], broker: BrokerClient): Host | string {
  const { level, reason, missing, packetRings, conntrack, socketPlane } = planes;
  return createLinuxHost({
    level: { level, missing, ...(reason === undefined ? {} : { reason }) },
    packetRings,
    ...(socketPlane === undefined ? {} : { socketPlane }),
    ...(conntrack === undefined ? {} : { conntrack }),
    restricted: (pid) => broker.process(pid),
    owners: (inodes) => broker.owners(inodes).map(([inode, pid]) => ({ inode, pid, name: commandName(pid) })),
  });
}
