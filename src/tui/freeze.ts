import type { Connection, Snapshot } from "../model/index.ts";

/** Every field of a connection; the type makes forgetting one an error. */
const fields: Readonly<Record<keyof Connection, true>> = {
  id: true,
  protocolNumber: true,
  protocol: true,
  local: true,
  remote: true,
  networkNamespace: true,
  interfaceName: true,
  direction: true,
  state: true,
  liveliness: true,
  endReason: true,
  start: true,
  lastActivity: true,
  end: true,
  txBytes: true,
  rxBytes: true,
  txPackets: true,
  rxPackets: true,
  txRate: true,
  rxRate: true,
  txRate10: true,
  rxRate10: true,
  txRate60: true,
  rxRate60: true,
  quality: true,
  process: true,
  attribution: true,
  application: true,
  service: true,
  hostname: true,
  hostnameSource: true,
  family: true,
  geo: true,
  localMac: true,
  remoteMac: true,
  vlan: true,
  translated: true,
  tunnel: true,
};

const names = Object.keys(fields) as (keyof Connection)[];

/** A copy of a live row as it is now. Reads field by field: rows may have getters. */
export function copyConnection(row: Connection): Connection {
  const copy: Partial<Record<keyof Connection, unknown>> = {};
  for (const name of names) {
    const value = row[name];
    if (value !== undefined) copy[name] = value;
  }
  const { sent, received } = row.quality;
  copy.quality = { ...row.quality, ...(sent && { sent: { ...sent } }), ...(received && { received: { ...received } }) };
  return copy as unknown as Connection;
}

/** A copy that no later tick changes: what a frozen screen shows. */
export const copySnapshot = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  connections: snapshot.connections.map(copyConnection),
});
