import type { InterfaceDetails, Neighbour, Route } from "../model/index.ts";
import { addressKey } from "./cell-text.ts";
import { formatAge, formatBytes, formatCount, formatRate } from "./format.ts";
import type { MessageKey } from "./messages.ts";
import type { Styles } from "./theme.ts";

/** A neighbour with what is known of it over time. */
export interface SeenNeighbour extends Neighbour {
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly vendor?: string;
  readonly name?: string;
}

/** One column of a table of the network tab. What stands in the cells are the kernel's words, the same in all languages. */
export interface NetworkColumn<Row> {
  /** As key in an export. */
  readonly id: string;
  readonly title: MessageKey;
  /** Cells; `least` of them say something too. */
  readonly width: number;
  readonly least: number;
  readonly align: "left" | "right";
  /** The lower the longer it stays on a narrow screen. */
  readonly priority: number;
  readonly text: (row: Row, now: number) => string;
  readonly style?: (row: Row, styles: Styles) => number;
  /** What rows are sorted by, where it is not the text. */
  readonly order?: (row: Row) => number | string;
}

interface More<Row> {
  readonly least?: number;
  readonly style?: (row: Row, styles: Styles) => number;
  readonly order?: (row: Row) => number | string;
}

/** `width` below 0: to the right. */
const column = <Row>(
  id: string,
  title: MessageKey,
  width: number,
  priority: number,
  text: (row: Row, now: number) => string,
  more: More<Row> = {},
): NetworkColumn<Row> => ({
  id,
  title,
  width: Math.abs(width),
  least: Math.abs(width),
  align: width < 0 ? "right" : "left",
  priority,
  text,
  ...more,
});

/** A column of numbers: `format` writes them. */
const numbers = <Row>(
  id: string,
  title: MessageKey,
  width: number,
  priority: number,
  order: (row: Row) => number,
  format: (value: number) => string,
  style?: (row: Row, styles: Styles) => number,
): NetworkColumn<Row> =>
  column(id, title, -width, priority, (row) => format(order(row)), { order, ...(style && { style }) });

const troubled = (count: number, styles: Styles): number => (count > 0 ? styles.warning : styles.muted);
const speedText = (speed: number): string => (speed >= 1000 ? `${speed / 1000} Gbit/s` : `${speed} Mbit/s`);
const muted = (_: unknown, styles: Styles): number => styles.muted;
const asAddress = (_: unknown, styles: Styles): number => styles.address;
const asInterface = (_: unknown, styles: Styles): number => styles.process;

const errorsOf = (row: InterfaceDetails): number => row.rxErrors + row.txErrors;
const dropsOf = (row: InterfaceDetails): number => row.rxDropped + row.txDropped;

const ofInterface = column<InterfaceDetails>;
const ofRoute = column<Route>;
const ofNeighbour = column<SeenNeighbour>;

export const interfaceColumns: readonly NetworkColumn<InterfaceDetails>[] = [
  ofInterface("name", "networkName", 15, 0, (row) => row.name, { style: asInterface, least: 8 }),
  ofInterface("state", "columnState", 14, 1, (row) => (row.loopback && row.up ? "up" : row.state), {
    style: (row, styles) => (row.up ? styles.good : styles.faint),
  }),
  ofInterface("kind", "networkKind", 10, 5, (row) => row.kind),
  numbers(
    "rx_rate",
    "columnRxRate",
    11,
    0,
    (row) => row.rxRate,
    formatRate,
    (_, styles) => styles.receive,
  ),
  numbers(
    "tx_rate",
    "columnTxRate",
    11,
    0,
    (row) => row.txRate,
    formatRate,
    (_, styles) => styles.transmit,
  ),
  numbers("rx_bytes", "columnRxBytes", 9, 3, (row) => row.rxBytes, formatBytes),
  numbers("tx_bytes", "columnTxBytes", 9, 3, (row) => row.txBytes, formatBytes),
  numbers("rx_packets", "networkRxPackets", 11, 7, (row) => row.rxPackets, formatCount),
  numbers("tx_packets", "networkTxPackets", 11, 7, (row) => row.txPackets, formatCount),
  numbers("errors", "networkErrors", 9, 4, errorsOf, formatCount, (row, styles) => troubled(errorsOf(row), styles)),
  numbers("drops", "networkDrops", 9, 4, dropsOf, formatCount, (row, styles) => troubled(dropsOf(row), styles)),
  numbers("mtu", "networkMtu", 6, 6, (row) => row.mtu, String),
  ofInterface("speed", "networkSpeed", -11, 8, (row) => (row.speed === undefined ? "" : speedText(row.speed)), {
    order: (row) => row.speed ?? 0,
  }),
  ofInterface("mac", "networkMac", 17, 6, (row) => row.mac ?? "", { style: muted }),
  ofInterface("addresses", "networkAddresses", 80, 2, (row) => row.addresses.join(" "), {
    style: asAddress,
    least: 18,
  }),
];

/** A prefix by its address, the default route before all others. */
const prefixOrder = ({ destination }: Route): string => {
  const [address = "", length = ""] = destination.split("/");
  return destination === "default" ? "" : `${addressKey(address)}/${length.padStart(3, "0")}`;
};

export const routeColumns: readonly NetworkColumn<Route>[] = [
  ofRoute("destination", "networkDestination", 43, 0, (row) => row.destination, {
    style: asAddress,
    least: 18,
    order: prefixOrder,
  }),
  ofRoute("next_hop", "networkNextHop", 39, 1, (row) => row.gateway ?? "", {
    style: asAddress,
    least: 16,
    order: (row) => (row.gateway === undefined ? "" : addressKey(row.gateway)),
  }),
  ofRoute("interface", "columnInterface", 15, 0, (row) => row.interfaceName ?? "", { style: asInterface, least: 9 }),
  ofRoute("metric", "networkMetric", -9, 3, (row) => (row.metric === undefined ? "" : String(row.metric)), {
    order: (row) => row.metric ?? 0,
  }),
  ofRoute("flags", "networkFlags", 24, 4, (row) =>
    [row.type, row.scope].filter((word) => word !== "unicast").join(" "),
  ),
  ofRoute("protocol", "networkProtocol", 11, 5, (row) => row.protocol),
  ofRoute("table", "networkTable", 11, 6, (row) => row.table),
  ofRoute("source", "networkSource", 39, 7, (row) => row.source ?? "", {
    style: muted,
    least: 16,
    order: (row) => (row.source === undefined ? "" : addressKey(row.source)),
  }),
];

const neighbourStyle = ({ state }: SeenNeighbour, styles: Styles): number =>
  state === "reachable" || state === "permanent" || state === "delay" || state === "probe"
    ? styles.good
    : state === "stale"
      ? styles.stale
      : styles.critical;

export const neighbourColumns: readonly NetworkColumn<SeenNeighbour>[] = [
  ofNeighbour("address", "networkAddress", 39, 0, (row) => row.address, {
    style: asAddress,
    least: 16,
    order: (row) => addressKey(row.address),
  }),
  ofNeighbour("mac", "networkMac", 17, 1, (row) => row.mac ?? "", { style: muted }),
  ofNeighbour("interface", "columnInterface", 15, 2, (row) => row.interfaceName ?? "", {
    style: asInterface,
    least: 9,
  }),
  ofNeighbour("state", "columnState", 11, 2, (row) => row.state, { style: neighbourStyle }),
  ofNeighbour("name", "networkName", 40, 4, (row) => row.name ?? "", { style: (_, styles) => styles.host, least: 16 }),
  ofNeighbour("vendor", "networkVendor", 32, 5, (row) => row.vendor ?? "", { least: 14 }),
  ofNeighbour("first_seen", "networkFirstSeen", -12, 6, (row, now) => formatAge(Math.max(0, now - row.firstSeen)), {
    order: (row) => -row.firstSeen,
  }),
  ofNeighbour("last_seen", "networkLastSeen", -12, 6, (row, now) => formatAge(Math.max(0, now - row.lastSeen)), {
    order: (row) => -row.lastSeen,
  }),
  ofNeighbour("flags", "networkFlags", 10, 7, (row) => (row.isRouter ? "router" : "")),
];

/** Columns up to this priority are shown if they fit at all; of the others all of one priority, or none and no later ones. */
const essential = 2;

/** The columns that fit into `width`, in their order, the lowest priority numbers first; what is left widens them. */
export function fitColumns<Row>(columns: readonly NetworkColumn<Row>[], width: number): NetworkColumn<Row>[] {
  const chosen = new Map<NetworkColumn<Row>, number>();
  let left = width + 1;
  const byPriority = columns.toSorted((a, b) => a.priority - b.priority);
  for (const column of byPriority) {
    const { priority, least } = column;
    const level = priority <= essential ? [column] : byPriority.filter((one) => one.priority === priority);
    const needed = level.reduce((sum, one) => sum + (chosen.has(one) ? 0 : one.least + 1), 0);
    if (needed > left && chosen.size > 0) {
      if (priority <= essential) continue;
      break;
    }
    chosen.set(column, least);
    left -= least + 1;
  }
  for (const column of byPriority) {
    const least = chosen.get(column);
    if (least === undefined || left <= 0) continue;
    const grown = Math.min(column.width - least, left);
    chosen.set(column, least + grown);
    left -= grown;
  }
  return columns.flatMap((column) => {
    const room = chosen.get(column);
    return room === undefined ? [] : [{ ...column, width: room }];
  });
}
