import { parseAddress, type Connection, type Endpoint } from "../model/index.ts";

/**
 * What a view sorts by. A number where there is one; text only decides between equal numbers, so that sorting many rows
 * compares numbers. `fixed`: never changes in the life of a row, so it is worked out once.
 */
export type SortKey =
  | { readonly kind: "number"; readonly fixed?: boolean; value(connection: Connection): number }
  | { readonly kind: "text"; value(connection: Connection): string };

const number = (value: (connection: Connection) => number): SortKey => ({ kind: "number", value });
const fixed = (value: (connection: Connection) => number): SortKey => ({ kind: "number", fixed: true, value });
const text = (value: (connection: Connection) => string): SortKey => ({ kind: "text", value });

/** An address and its port as one number that sorts as people expect: IPv4 before IPv6, by value, roughly by port. */
function endpointNumber(endpoint: Endpoint): number {
  const bytes = parseAddress(endpoint.address);
  if (bytes === undefined) return -1;
  let value = bytes.length === 4 ? 0 : 1;
  for (let index = 0; index < (bytes.length === 4 ? 4 : 5); index++) value = value * 256 + bytes[index]!;
  return bytes.length === 4 ? value + endpoint.port / 65_536 : value;
}

/** Everything a table can be sorted by. */
export const sortKeys = {
  process: text((connection) => connection.process?.name ?? ""),
  pid: number((connection) => connection.process?.pid ?? -1),
  protocol: text((connection) => connection.protocol),
  local: fixed((connection) => endpointNumber(connection.local)),
  remote: fixed((connection) => endpointNumber(connection.remote)),
  hostname: text((connection) => connection.hostname ?? connection.remote.address),
  service: text((connection) => connection.service ?? ""),
  application: text((connection) => connection.application?.name ?? ""),
  state: text((connection) => connection.state),
  direction: text((connection) => connection.direction),
  interface: text((connection) => connection.interfaceName ?? ""),
  user: number((connection) => connection.process?.user?.id ?? -1),
  rtt: number((connection) => connection.quality.rtt ?? -1),
  retransmits: number((connection) => connection.quality.retransmits ?? -1),
  txRate: number((connection) => connection.txRate),
  rxRate: number((connection) => connection.rxRate),
  rate: number((connection) => connection.txRate + connection.rxRate),
  rate10: number((connection) => connection.txRate10 + connection.rxRate10),
  rate60: number((connection) => connection.txRate60 + connection.rxRate60),
  txBytes: number((connection) => connection.txBytes),
  rxBytes: number((connection) => connection.rxBytes),
  bytes: number((connection) => connection.txBytes + connection.rxBytes),
  packets: number((connection) => connection.txPackets + connection.rxPackets),
  start: fixed((connection) => connection.start),
  lastActivity: number((connection) => connection.lastActivity),
} as const satisfies Record<string, SortKey>;

export type SortColumn = keyof typeof sortKeys;
