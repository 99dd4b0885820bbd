import type { InterfaceDetails, Neighbour, Route } from "../model/index.ts";
import { formatAge, formatBytes, formatCount, formatRate } from "./format.ts";
import type { Styles } from "./theme.ts";

/** A neighbour with what is known of it over time. */
export interface SeenNeighbour extends Neighbour {
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly vendor?: string;
  readonly name?: string;
}

/** One column of a table of the network tab. Titles are the kernel's words, the same in all languages. */
export interface NetworkColumn<Row> {
  readonly title: string;
  readonly width: number;
  readonly align: "left" | "right";
  /** The lower the longer it stays on a narrow screen. */
  readonly priority: number;
  readonly text: (row: Row, now: number) => string;
  readonly style?: (row: Row, styles: Styles) => number;
}

const column = <Row>(
  title: string,
  width: number,
  priority: number,
  text: (row: Row, now: number) => string,
  style?: (row: Row, styles: Styles) => number,
): NetworkColumn<Row> => ({
  title,
  width: Math.abs(width),
  align: width < 0 ? "right" : "left",
  priority,
  text,
  ...(style && { style }),
});

const troubled = (count: number, styles: Styles): number => (count > 0 ? styles.warning : styles.muted);
const speedText = (speed: number): string => (speed >= 1000 ? `${speed / 1000} Gbit/s` : `${speed} Mbit/s`);

export const interfaceColumns: readonly NetworkColumn<InterfaceDetails>[] = [
  column(
    "Name",
    15,
    0,
    (row) => row.name,
    (_, styles) => styles.process,
  ),
  column(
    "State",
    14,
    1,
    (row) => (row.loopback && row.up ? "up" : row.state),
    (row, styles) => (row.up ? styles.good : styles.faint),
  ),
  column("Kind", 10, 5, (row) => row.kind),
  column(
    "↓",
    -11,
    0,
    (row) => formatRate(row.rxRate),
    (_, styles) => styles.receive,
  ),
  column(
    "↑",
    -11,
    0,
    (row) => formatRate(row.txRate),
    (_, styles) => styles.transmit,
  ),
  column("RX", -9, 3, (row) => formatBytes(row.rxBytes)),
  column("TX", -9, 3, (row) => formatBytes(row.txBytes)),
  column("RX pkts", -9, 7, (row) => formatCount(row.rxPackets)),
  column("TX pkts", -9, 7, (row) => formatCount(row.txPackets)),
  column(
    "Errors",
    -7,
    4,
    (row) => formatCount(row.rxErrors + row.txErrors),
    (row, styles) => troubled(row.rxErrors + row.txErrors, styles),
  ),
  column(
    "Drops",
    -7,
    4,
    (row) => formatCount(row.rxDropped + row.txDropped),
    (row, styles) => troubled(row.rxDropped + row.txDropped, styles),
  ),
  column("MTU", -6, 6, (row) => String(row.mtu)),
  column("Speed", -10, 8, (row) => (row.speed === undefined ? "" : speedText(row.speed))),
  column(
    "MAC",
    17,
    6,
    (row) => row.mac ?? "",
    (_, styles) => styles.muted,
  ),
  column(
    "Addresses",
    40,
    2,
    (row) => row.addresses.join(" "),
    (_, styles) => styles.address,
  ),
];

export const routeColumns: readonly NetworkColumn<Route>[] = [
  column(
    "Destination",
    26,
    0,
    (row) => row.destination,
    (_, styles) => styles.address,
  ),
  column(
    "Next hop",
    26,
    1,
    (row) => row.gateway ?? "",
    (_, styles) => styles.address,
  ),
  column(
    "Interface",
    15,
    0,
    (row) => row.interfaceName ?? "",
    (_, styles) => styles.process,
  ),
  column("Metric", -7, 3, (row) => (row.metric === undefined ? "" : String(row.metric))),
  column("Flags", 24, 4, (row) => [row.type, row.scope].filter((word) => word !== "unicast").join(" ")),
  column("Protocol", 10, 5, (row) => row.protocol),
  column("Table", 10, 6, (row) => row.table),
  column(
    "Source",
    26,
    7,
    (row) => row.source ?? "",
    (_, styles) => styles.muted,
  ),
];

const neighbourStyle = ({ state }: SeenNeighbour, styles: Styles): number =>
  state === "reachable" || state === "permanent" || state === "delay" || state === "probe"
    ? styles.good
    : state === "stale"
      ? styles.stale
      : styles.critical;

export const neighbourColumns: readonly NetworkColumn<SeenNeighbour>[] = [
  column(
    "Address",
    28,
    0,
    (row) => row.address,
    (_, styles) => styles.address,
  ),
  column(
    "MAC",
    17,
    1,
    (row) => row.mac ?? "",
    (_, styles) => styles.muted,
  ),
  column(
    "Interface",
    15,
    2,
    (row) => row.interfaceName ?? "",
    (_, styles) => styles.process,
  ),
  column("State", 11, 2, (row) => row.state, neighbourStyle),
  column(
    "Name",
    26,
    4,
    (row) => row.name ?? "",
    (_, styles) => styles.host,
  ),
  column("Vendor", 24, 5, (row) => row.vendor ?? ""),
  column("First seen", -10, 6, (row, now) => formatAge(Math.max(0, now - row.firstSeen))),
  column("Last seen", -10, 6, (row, now) => formatAge(Math.max(0, now - row.lastSeen))),
  column("Flags", 6, 7, (row) => (row.isRouter ? "router" : "")),
];

/** The columns that fit into `width`, in their order: those of the highest priority number go first. */
export function fitColumns<Row>(columns: readonly NetworkColumn<Row>[], width: number): NetworkColumn<Row>[] {
  const shown = [...columns];
  const taken = (): number => shown.reduce((sum, one) => sum + one.width + 1, 0);
  while (shown.length > 1 && taken() > width) {
    const least = Math.max(...shown.map(({ priority }) => priority));
    shown.splice(
      shown.findLastIndex(({ priority }) => priority === least),
      1,
    );
  }
  return shown;
}
