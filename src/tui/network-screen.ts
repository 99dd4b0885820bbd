import type { InterfaceDetails, NetworkSource, NetworkState, Route, Snapshot } from "../model/index.ts";
import type { Scroll } from "./frame-encoder.ts";
import type { Command } from "./keys.ts";
import type { MessageKey } from "./messages.ts";
import {
  fitColumns,
  interfaceColumns,
  neighbourColumns,
  routeColumns,
  type NetworkColumn,
  type SeenNeighbour,
} from "./network-tables.ts";
import { stepOf } from "./overlay.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { TabHost, TabScreen } from "./tab-screen.ts";
import { drawRight, drawRule, drawScrollbar, type Paint, type Rectangle, type Target } from "./widgets/paint.ts";

/** While the tab is not shown neighbours are looked at this often, for when they were seen: milliseconds. */
const restPeriod = 10_000;
/** Neighbours that are remembered when the kernel has forgotten them. */
const mostNeighbours = 4096;

/** What the network tab asks of the program. */
export interface NetworkParts {
  readonly source: NetworkSource | undefined;
  /** The maker of a network card, by its address; undefined where nobody knows. */
  readonly vendorOf: ((mac: string) => string | undefined) | undefined;
}

/** A line of the page. `filter` selects its connections. */
type Line =
  | { readonly kind: "title"; readonly title: MessageKey; readonly count: number }
  | { readonly kind: "heading"; readonly table: Table }
  | {
      readonly kind: "row";
      readonly table: Table;
      readonly row: unknown;
      readonly text: string;
      readonly filter: string | undefined;
    }
  | { readonly kind: "blank" };

interface Table {
  readonly columns: readonly NetworkColumn<unknown>[];
}

const tableOf = <Row>(columns: readonly NetworkColumn<Row>[]): Table => ({
  columns: columns as readonly NetworkColumn<unknown>[],
});

/** The network tab: interfaces, routes and neighbours of this machine, one below the other. */
export class NetworkScreen implements TabScreen {
  readonly #host: TabHost;
  readonly #parts: NetworkParts;
  #state: NetworkState | undefined;
  readonly #seen = new Map<string, { firstSeen: number; lastSeen: number }>();
  readonly #names = new Map<string, string>();
  #time = 0;
  #readAt = -Infinity;
  #drawn = false;
  #selected = -1;
  #scroll = 0;
  #page = 1;

  constructor(host: TabHost, parts: NetworkParts) {
    this.#host = host;
    this.#parts = parts;
  }

  update(snapshot: Snapshot): void {
    this.#time = snapshot.time;
    if (!this.#drawn && snapshot.time - this.#readAt < restPeriod) return;
    this.#drawn = false;
    this.#read(snapshot);
  }

  opened(): void {
    const { snapshot } = this.#host;
    if (snapshot !== undefined) this.#read(snapshot);
  }

  #read(snapshot: Snapshot): void {
    const state = this.#parts.source?.read(snapshot.interfaces);
    if (state === undefined) return;
    this.#readAt = snapshot.time;
    this.#state = this.#host.viewNetwork(state);
    for (const { address, state: reached } of this.#state.neighbours) {
      const known = this.#seen.get(address);
      // An entry that failed is a question without an answer.
      const isThere = reached !== "failed" && reached !== "incomplete";
      if (known === undefined && this.#seen.size < mostNeighbours) {
        this.#seen.set(address, { firstSeen: snapshot.time, lastSeen: snapshot.time });
      } else if (known !== undefined && isThere) known.lastSeen = snapshot.time;
    }
    for (const { remote, hostname } of snapshot.connections) {
      if (hostname !== undefined && this.#seen.has(remote.address)) this.#names.set(remote.address, hostname);
    }
  }

  #neighbours(): SeenNeighbour[] {
    return (this.#state?.neighbours ?? []).map((one): SeenNeighbour => {
      const seen = this.#seen.get(one.address) ?? { firstSeen: this.#time, lastSeen: this.#time };
      const vendor = one.mac === undefined ? undefined : this.#parts.vendorOf?.(one.mac);
      const name = this.#names.get(one.address);
      return { ...one, ...seen, ...(vendor !== undefined && { vendor }), ...(name !== undefined && { name }) };
    });
  }

  #lines(width: number): Line[] {
    const state = this.#state ?? { interfaces: [], routes: [], neighbours: [] };
    const interfaces = tableOf(fitColumns(interfaceColumns, width));
    const routes = tableOf(fitColumns(routeColumns, width));
    const neighbours = tableOf(fitColumns(neighbourColumns, width));
    const section = (title: MessageKey, table: Table, rows: readonly Line[]): Line[] => [
      { kind: "title", title, count: rows.length },
      ...(rows.length === 0 ? [] : [{ kind: "heading", table } as const]),
      ...rows,
      { kind: "blank" },
    ];
    return [
      ...section(
        "panelInterfaces",
        interfaces,
        state.interfaces.map((row: InterfaceDetails) => ({
          kind: "row",
          table: interfaces,
          row,
          text: row.name,
          filter: `iface:${row.name}`,
        })),
      ),
      ...section(
        "panelRoutes",
        routes,
        state.routes.map((row: Route) => ({
          kind: "row",
          table: routes,
          row,
          text: `${row.destination}${row.gateway === undefined ? "" : ` via ${row.gateway}`}${row.interfaceName === undefined ? "" : ` dev ${row.interfaceName}`}`,
          filter: row.destination === "default" ? undefined : `ip:${row.destination}`,
        })),
      ),
      ...section(
        "panelNeighbours",
        neighbours,
        this.#neighbours().map((row) => ({
          kind: "row",
          table: neighbours,
          row,
          text: row.mac === undefined ? row.address : `${row.address} ${row.mac}`,
          filter: `ip:${row.address}`,
        })),
      ),
    ];
  }

  #width = 80;

  draw(paint: Paint, place: Rectangle): Scroll | undefined {
    this.#drawn = true;
    const { buffer, styles, messages } = paint;
    if (this.#parts.source === undefined) {
      buffer.text(place.x + 1, place.y, messages.noNetwork, styles.muted, place.width - 2);
      return undefined;
    }
    this.#width = place.width - 3;
    const lines = this.#lines(this.#width);
    this.#page = Math.max(1, place.height);
    const before = this.#scroll;
    if (this.#selected >= 0) {
      this.#selected = Math.min(this.#selected, lines.length - 1);
      this.#scroll = Math.max(Math.min(this.#scroll, this.#selected), this.#selected - this.#page + 1);
    }
    this.#scroll = Math.max(0, Math.min(this.#scroll, lines.length - 1 - this.#page));
    for (let i = 0; i < this.#page; i++) {
      const line = lines[this.#scroll + i];
      if (line !== undefined) this.#drawLine(paint, place, place.y + i, line, this.#scroll + i);
    }
    drawScrollbar(paint, place.x + place.width - 1, place.y, this.#page, this.#scroll, lines.length - 1);
    return { top: place.y, bottom: place.y + this.#page - 1, by: this.#scroll - before };
  }

  #drawLine(paint: Paint, place: Rectangle, y: number, line: Line, index: number): void {
    const { buffer, styles, messages, hits, table } = paint;
    if (line.kind === "blank") return;
    if (line.kind === "title") {
      const title = [
        [`${messages[line.title]} `, styles.heading],
        [String(line.count), styles.text],
      ] as const;
      drawRule(paint, place.x, y, place.width - 1, title);
      return;
    }
    let x = place.x + 1;
    for (const one of line.table.columns) {
      const text = line.kind === "heading" ? one.title : one.text(line.row, this.#time);
      const style = line.kind === "heading" ? styles.heading : (one.style?.(line.row, styles) ?? styles.text);
      if (one.align === "right") drawRight(paint, x, y, one.width, text, style);
      else buffer.text(x, y, text, style, one.width, "end");
      x += one.width + 1;
    }
    if (line.kind !== "row") return;
    if (index === this.#selected)
      buffer.restyle(place.x, y, place.width - 1, (style) => table.over(style, styles.selection));
    hits.push({ x: place.x, y, width: place.width - 1, height: 1, target: { kind: "row", index } });
  }

  /** Goes to a row; titles and headings are stepped over. */
  #move(by: number): void {
    const lines = this.#lines(this.#width);
    const rows = lines.flatMap(({ kind }, index) => (kind === "row" ? [index] : []));
    if (rows.length === 0) return;
    const at = rows.indexOf(this.#selected);
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
    this.#selected = rows[Math.max(0, Math.min(rows.length - 1, next))]!;
    // The title above the first row comes into sight with it.
    if (this.#selected === rows[0]) this.#scroll = 0;
  }

  #chosen(): Extract<Line, { readonly kind: "row" }> | undefined {
    const line = this.#lines(this.#width)[this.#selected];
    return line?.kind === "row" ? line : undefined;
  }

  run(command: Command): void {
    const step = stepOf(command, this.#page);
    if (step !== undefined) this.#move(step);
    else if (command === "sockets") this.#showSockets();
  }

  #showSockets(): void {
    const filter = this.#chosen()?.filter;
    if (filter !== undefined) this.#host.showOnly(filter);
  }

  click(target: Target, _event: unknown, double: boolean): void {
    if (target.kind !== "row") return;
    this.#selected = target.index;
    if (double) this.#showSockets();
  }

  wheel(by: number): void {
    if (this.#selected >= 0) this.#move(by);
    else this.#scroll = Math.max(0, this.#scroll + by);
  }

  copyText(): string | undefined {
    return this.#chosen()?.text;
  }

  exportContent(): ExportContent {
    const rows = this.#lines(Infinity).flatMap((line) => {
      if (line.kind !== "row") return [];
      const table = line.table.columns;
      return [
        [
          table[0]?.title ?? "",
          line.text,
          table.map((one) => `${one.title}=${one.text(line.row, this.#time)}`).join(" "),
        ],
      ];
    });
    return { kind: "table", columns: ["by", "name", "facts"], rows };
  }
}
