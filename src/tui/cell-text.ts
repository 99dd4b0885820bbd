import type { Application, Family, Connection, ConnectionState, Endpoint } from "../model/index.ts";
import type { CellContext } from "./columns.ts";

const folded = new Map<string, string>();

/** The text as it is ordered: without case. Kept, because names repeat. */
export function fold(text: string): string {
  const known = folded.get(text);
  if (known !== undefined) return known;
  if (folded.size >= 16_384) folded.clear();
  const made = text.toLowerCase();
  folded.set(text, made);
  return made;
}

const addressKeys = new Map<string, string>();

/** An address so that text order is numeric order for IPv4; IPv6 comes after it. */
export function addressKey(address: string): string {
  const known = addressKeys.get(address);
  if (known !== undefined) return known;
  if (addressKeys.size >= 16_384) addressKeys.clear();
  const parts = address.split(".");
  const made =
    parts.length === 4
      ? String.fromCharCode(1, ...parts.map((part) => (Number(part) & 255) + 1))
      : `\u0200${address.toLowerCase()}`;
  addressKeys.set(address, made);
  return made;
}

export const endpointKey = (end: Endpoint): string =>
  end.address === "" ? "" : addressKey(end.address) + String.fromCharCode(end.port);

/** "192.0.2.1:443", "[2001:db8::1]:443", "192.0.2.1" without a port, "*" where nobody is named. */
export function formatEndpoint(end: Endpoint, name?: string, service?: string): string {
  const host = name ?? (end.address === "" ? "*" : end.address);
  if (end.port === 0 && service === undefined) return host;
  const tail = service ?? String(end.port);
  return name === undefined && end.address.includes(":") ? `[${host}]:${tail}` : `${host}:${tail}`;
}

/** The well-known service belongs to the port of the side that was called; where nobody knows which, to the lower one. */
const serviceIsRemote = ({ direction, state, local, remote }: Connection): boolean =>
  state !== "LISTEN" && (direction === "unknown" ? remote.port <= local.port : direction === "outbound");

export function remoteText(row: Connection, context: CellContext): string {
  const name = context.names && !context.hostColumn ? row.hostname : undefined;
  const service = context.services && !context.serviceColumn && serviceIsRemote(row) ? row.service : undefined;
  // Of a listener the port it listens on is what matters, wherever there is room for one end only.
  if (row.state === "LISTEN" && !context.localColumn) return `* → :${portText(row, context)}`;
  if (row.remote.address === "" && row.remote.port === 0) return row.remoteMac ?? "*";
  return formatEndpoint(row.remote, name, service);
}

const portText = (row: Connection, context: CellContext): string =>
  context.services && !context.serviceColumn && row.service !== undefined ? row.service : String(row.local.port);

export function localText(row: Connection, context: CellContext): string {
  const service = context.services && !context.serviceColumn && !serviceIsRemote(row) ? row.service : undefined;
  if (row.local.address === "" && row.local.port === 0) return row.localMac ?? "*";
  return formatEndpoint(row.local, undefined, service);
}

export function serviceText(row: Connection, context: CellContext): string {
  const { port } = serviceIsRemote(row) ? row.remote : row.local;
  if (context.services && row.service !== undefined) return row.service;
  return port === 0 ? "" : String(port);
}

/** The owner's user by name, else by number. */
export function userText(row: Connection): string {
  const user = row.process?.user;
  return user === undefined ? "" : (user.name ?? String(user.id));
}

/** The container's name, else the beginning of its id as its own tools write it. */
export function containerText(row: Connection): string {
  const container = row.process?.container;
  return container === undefined ? "" : (container.name ?? container.id.slice(0, 12));
}

/** "tls 1.3 · GitHub", "http GET", "dns example.org"; "https?" when only the port hints at it, "tls~" when inferred. */
export function applicationText(application: Application, family?: Family): string {
  const { facts, name, by } = application;
  const extra =
    facts.tls?.version?.replace(/^TLS ?v?/i, "") ??
    facts.dns?.queries?.[0]?.rrname ??
    facts.http?.http_method ??
    facts.quic?.version?.replace(/^v?(?=\d)/i, "v") ??
    facts.ssh?.server?.software_version;
  const mark = by === "payload" ? "" : by === "port" ? "?" : "~";
  const text = extra === undefined || extra === "" ? name + mark : `${name}${mark} ${extra}`;
  // A question says more by its name than by whose name it is.
  return family === undefined || facts.dns !== undefined ? text : `${text} · ${family.name}`;
}

const shortStates: Readonly<Record<ConnectionState, string>> = {
  SYN_SENT: "SYN_S",
  SYN_RECV: "SYN_R",
  ESTABLISHED: "ESTAB",
  FIN_WAIT1: "FIN1",
  FIN_WAIT2: "FIN2",
  TIME_WAIT: "TIMEW",
  CLOSE: "CLOSE",
  CLOSE_WAIT: "CLOSEW",
  LAST_ACK: "LASTA",
  LISTEN: "LISTEN",
  CLOSING: "CLSNG",
  ACTIVE: "ACTIVE",
  IDLE: "IDLE",
  STALE: "STALE",
  UNKNOWN: "",
};

/** The state in at most six characters. */
export const shortState = (state: ConnectionState): string => shortStates[state];
