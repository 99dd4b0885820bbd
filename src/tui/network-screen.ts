import type { InterfaceDetails, NetworkSource, NetworkState, Route, Snapshot } from "../model/index.ts";
import type { ColumnOrders, OrderedTable } from "./column-order.ts";
import type { Scroll } from "./frame-encoder.ts";
import type { MouseEvent } from "./input-parser.ts";
import type { Command } from "./keys.ts";
import type { MessageKey } from "./messages.ts";
import { NetworkTable } from "./network-table.ts";
import { interfaceColumns, neighbourColumns, routeColumns, type SeenNeighbour } from "./network-tables.ts";
import { stepOf } from "./overlay.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { TabHost, TabScreen } from "./tab-screen.ts";
import { drawRule, drawScrollbar, type Paint, type Rectangle, type Target } from "./widgets/paint.ts";

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

/** A line of the page. `filter` selects a row's connections; `key` is what the selection follows. */
interface RowLine {
  readonly kind: "row";
  readonly key: string;
  readonly text: string;
  readonly filter: string | undefined;
  readonly table: OrderedTable;
  readonly draw: (paint: Paint, x: number, y: number) => void;
  /** What stands in the columns, by their ids. */
  readonly facts: () => string;
}

type Line =
  | { readonly kind: "title"; readonly title: MessageKey; readonly count: number }
  | { readonly kind: "heading"; readonly table: Tables[keyof Tables] }
  | RowLine
  | { readonly kind: "blank" };

interface Tables {
  readonly interfaces: NetworkTable<InterfaceDetails>;
  readonly routes: NetworkTable<Route>;
  readonly neighbours: NetworkTable<SeenNeighbour>;
}

/** What a line needs of a row besides its table. */
interface RowWords {
  readonly name: string;
  readonly text: string;
  readonly filter: string | undefined;
}

/** The network tab: interfaces, routes and neighbours of this machine, one below the other. */
export class NetworkScreen implements TabScreen {
  readonly #host: TabHost;
  readonly #parts: NetworkParts;
  readonly #tables: Tables;
  #state: NetworkState | undefined;
  readonly #seen = new Map<string, { firstSeen: number; lastSeen: number }>();
  readonly #names = new Map<string, string>();
  #time = 0;
  #readAt = -Infinity;
  #drawn = false;
  #selected: string | undefined;
  #scroll = 0;
  #page = 1;

  constructor(host: TabHost, parts: NetworkParts, orders: ColumnOrders = {}) {
    this.#host = host;
    this.#parts = parts;
    this.#tables = {
      interfaces: new NetworkTable("interfaces", interfaceColumns, orders.interfaces),
      routes: new NetworkTable("routes", routeColumns, orders.routes),
      neighbours: new NetworkTable("neighbours", neighbourColumns, orders.neighbours),
    };
  }

  /** What was moved. */
  get columnOrders(): ColumnOrders {
    return Object.fromEntries(
      Object.values(this.#tables).flatMap(({ id, order }) => (order === undefined ? [] : [[id, order]])),
    );
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

  #lines(): Line[] {
    const state = this.#state ?? { interfaces: [], routes: [], neighbours: [] };
    const { interfaces, routes, neighbours } = this.#tables;
    return [
      ...this.#section("panelInterfaces", interfaces, state.interfaces, ({ name }) => ({
        name,
        text: name,
        filter: `iface:${name}`,
      })),
      ...this.#section("panelRoutes", routes, state.routes, (row) => ({
        name: `${row.table} ${row.destination} ${row.gateway} ${row.interfaceName} ${row.metric}`,
        text: routeText(row),
        filter: row.destination === "default" ? undefined : `ip:${row.destination}`,
      })),
      ...this.#section("panelNeighbours", neighbours, this.#neighbours(), (row) => ({
        name: `${row.address} ${row.interfaceName}`,
        text: row.mac === undefined ? row.address : `${row.address} ${row.mac}`,
        filter: `ip:${row.address}`,
      })),
    ];
  }

  #section<Row>(
    title: MessageKey,
    table: NetworkTable<Row> & Tables[keyof Tables],
    rows: readonly Row[],
    words: (row: Row) => RowWords,
  ): Line[] {
    const lines = table.sorted(rows, this.#time).map((row): RowLine => {
      const { name, text, filter } = words(row);
      return {
        kind: "row",
        key: `${table.id} ${name}`,
        text,
        filter,
        table: table.id,
        draw: (paint, x, y) => table.drawRow(paint, x, y, row, this.#time),
        facts: () => table.columns.map((one) => `${one.id}=${one.text(row, this.#time)}`).join(" "),
      };
    });
    const heading: Line[] = lines.length === 0 ? [] : [{ kind: "heading", table }];
    return [{ kind: "title", title, count: lines.length }, ...heading, ...lines, { kind: "blank" }];
  }

  draw(paint: Paint, place: Rectangle): Scroll | undefined {
    this.#drawn = true;
    const { buffer, styles, messages } = paint;
    if (this.#parts.source === undefined) {
      buffer.text(place.x + 1, place.y, messages.noNetwork, styles.muted, place.width - 2);
      return undefined;
    }
    for (const table of Object.values(this.#tables)) table.fit(place.width - 3);
    const lines = this.#lines();
    this.#page = Math.max(1, place.height);
    const before = this.#scroll;
    const selected = this.#selectedLine(lines);
    if (selected >= 0) this.#scroll = Math.max(Math.min(this.#scroll, selected), selected - this.#page + 1);
    this.#scroll = Math.max(0, Math.min(this.#scroll, lines.length - 1 - this.#page));
    for (let i = 0; i < this.#page; i++) {
      const line = lines[this.#scroll + i];
      if (line !== undefined) this.#drawLine(paint, place, place.y + i, line, this.#scroll + i);
    }
    drawScrollbar(paint, place.x + place.width - 1, place.y, this.#page, this.#scroll, lines.length - 1);
    return { top: place.y, bottom: place.y + this.#page - 1, by: this.#scroll - before };
  }

  #selectedLine(lines: readonly Line[]): number {
    const { length } = lines;
    return this.#selected === undefined || length === 0
      ? -1
      : lines.findIndex((line) => line.kind === "row" && line.key === this.#selected);
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
    } else if (line.kind === "heading") line.table.drawHeadings(paint, place.x + 1, y);
    else {
      line.draw(paint, place.x + 1, y);
      if (line.key === this.#selected)
        buffer.restyle(place.x, y, place.width - 1, (style) => table.over(style, styles.selection));
      hits.push({ x: place.x, y, width: place.width - 1, height: 1, target: { kind: "row", index } });
    }
  }

  /** Goes to a row; titles and headings are stepped over. */
  #move(by: number): void {
    const rows = this.#lines().filter((line) => line.kind === "row");
    if (rows.length === 0) return;
    const at = rows.findIndex(({ key }) => key === this.#selected);
    const next = at >= 0 ? at + by : by === -Infinity || (by > 0 && Number.isFinite(by)) ? 0 : rows.length - 1;
    this.#selected = rows[Math.max(0, Math.min(rows.length - 1, next))]!.key;
    // The title above the first row comes into sight with it.
    if (this.#selected === rows[0]!.key) this.#scroll = 0;
  }

  #chosen(): RowLine | undefined {
    const line = this.#lines().find((one) => one.kind === "row" && one.key === this.#selected);
    return line?.kind === "row" ? line : undefined;
  }

  run(command: Command): void {
    const step = stepOf(command, this.#page);
    if (step !== undefined) this.#move(step);
    else if (command === "sockets") this.#showSockets();
    else if (command === "sort") this.#tables[this.#chosenTable].sortNext();
    else if (command === "sortReverse") this.#tables[this.#chosenTable].reverse();
    else if (command === "reset") {
      for (const table of Object.values(this.#tables)) table.reset();
      this.#selected = undefined;
      this.#scroll = 0;
    }
  }

  /** The table in which a row is selected, else the first one. */
  get #chosenTable(): keyof Tables {
    const table = this.#chosen()?.table;
    return table === undefined || table === "processes" ? "interfaces" : table;
  }

  #showSockets(): void {
    const filter = this.#chosen()?.filter;
    if (filter !== undefined) this.#host.showOnly(filter);
  }

  click(target: Target, event: MouseEvent, double: boolean): void {
    if (target.kind === "heading" && target.table !== "processes") this.#tables[target.table].press(target.id, event);
    if (target.kind !== "row") return;
    const line = this.#lines()[target.index];
    if (line?.kind === "row") this.#selected = line.key;
    if (double) this.#showSockets();
  }

  drag(target: Target, event: MouseEvent | undefined): void {
    if (target.kind === "heading" && target.table !== "processes") this.#tables[target.table].drag(event);
  }

  wheel(by: number): void {
    if (this.#selected !== undefined) this.#move(by);
    else this.#scroll = Math.max(0, this.#scroll + by);
  }

  copyText(): string | undefined {
    return this.#chosen()?.text;
  }

  exportContent(): ExportContent {
    const rows = this.#lines().flatMap((line) => (line.kind === "row" ? [[line.table, line.text, line.facts()]] : []));
    return { kind: "table", columns: ["by", "name", "facts"], rows };
  }
}

const routeText = ({ destination, gateway, interfaceName }: Route): string =>
  `${destination}${gateway === undefined ? "" : ` via ${gateway}`}${interfaceName === undefined ? "" : ` dev ${interfaceName}`}`;
