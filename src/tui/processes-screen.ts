import type { Snapshot } from "../model/index.ts";
import { fold } from "./cell-text.ts";
import { formatBytes, formatCount, magnitudeStyle } from "./format.ts";
import type { Command } from "./keys.ts";
import type { MessageKey } from "./messages.ts";
import { ProcessRateTable, type ProcessRates } from "./process-rates.ts";
import type { TabHost, TabScreen } from "./tab-screen.ts";
import {
  drawGraph,
  drawRight,
  drawRule,
  drawScrollbar,
  type Paint,
  type Rectangle,
  type Target,
} from "./widgets/paint.ts";

interface ProcessColumn {
  readonly title: MessageKey;
  readonly width: number;
  /** Narrower screens leave the column out. */
  readonly from: number;
  readonly value: (one: ProcessRates) => number;
  readonly bytes: boolean;
}

const column = (
  title: MessageKey,
  width: number,
  from: number,
  value: (one: ProcessRates) => number,
  bytes = true,
): ProcessColumn => ({ title, width, from, value, bytes });

const columns: readonly ProcessColumn[] = [
  column("columnPid", 8, 50, (one) => one.process?.pid ?? -1, false),
  column("columnConnections", 7, 40, (one) => one.rows, false),
  column("columnRxRate", 9, 0, (one) => one.rxRate),
  column("columnTxRate", 9, 34, (one) => one.txRate),
  column("columnPeak", 9, 60, (one) => one.peak),
  column("columnRxBytes", 9, 70, (one) => one.rxBytes),
  column("columnTxBytes", 9, 80, (one) => one.txBytes),
];

const nameWidth = 15;

/** The processes tab: what every process does over all its connections. */
export class ProcessesScreen implements TabScreen {
  readonly #rates = new ProcessRateTable();
  readonly #host: TabHost;
  #list: ProcessRates[] = [];
  #stale = true;
  /** -1: by name. */
  #sort = 2;
  #descending = true;
  #selected: string | undefined;
  #scroll = 0;
  #page = 1;

  constructor(host: TabHost) {
    this.#host = host;
  }

  update(snapshot: Snapshot): void {
    this.#rates.update(snapshot);
    this.#stale = true;
  }

  #refresh(): void {
    if (!this.#stale) return;
    this.#stale = false;
    const sign = this.#descending ? -1 : 1;
    const by = columns[this.#sort];
    const name = (one: ProcessRates): string => fold(one.process?.name ?? "");
    const order = (a: ProcessRates, b: ProcessRates): number =>
      by === undefined
        ? sign * (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0)
        : sign * (by.value(a) - by.value(b));
    this.#list = [...this.#rates.all].sort((a, b) => order(a, b) || (a.key < b.key ? -1 : 1));
  }

  draw(paint: Paint, place: Rectangle): undefined {
    this.#refresh();
    const { buffer, styles, messages, table, hits } = paint;
    const { x, width } = place;
    const rule = place.height >= 6 ? 1 : 0;
    const heading = place.height >= 3 ? 1 : 0;
    if (rule > 0) {
      drawRule(paint, x, place.y, width, [
        [`${messages.tabProcesses} `, styles.heading],
        [formatCount(this.#list.length), styles.text],
      ]);
    }
    const shown = columns.filter((one) => width >= one.from);
    const taken = shown.reduce((sum, one) => sum + one.width + 1, 0);
    const names = Math.max(1, Math.min(nameWidth + Math.max(0, (width - taken - nameWidth) >> 2), width - taken - 2));
    const y = place.y + rule + heading;
    this.#page = Math.max(1, place.height - rule - heading);
    const at = this.#list.findIndex((one) => one.key === this.#selected);
    if (at >= 0) this.#scroll = Math.max(Math.min(this.#scroll, at), at - this.#page + 1);
    this.#scroll = Math.max(0, Math.min(this.#scroll, this.#list.length - this.#page));
    if (heading > 0) this.#drawHeading(paint, x + 1, y - 1, names, shown);
    const graph = { x: x + 1 + names + taken + 1, width: Math.min(120, width - names - taken - 4) };
    for (let i = 0; i < this.#page; i++) {
      const one = this.#list[this.#scroll + i];
      if (one === undefined) break;
      buffer.text(
        x + 1,
        y + i,
        one.process?.name ?? messages.unknownProcess,
        one.process === undefined ? styles.faint : styles.process,
        names,
      );
      let left = x + 1 + names + 1;
      for (const { width: room, value, bytes } of shown) {
        const amount = value(one);
        const text = bytes ? (amount > 0 ? formatBytes(amount) : "·") : amount < 0 ? "" : String(amount);
        drawRight(
          paint,
          left,
          y + i,
          room,
          text,
          bytes ? (amount > 0 ? magnitudeStyle(amount, styles) : styles.faint) : styles.muted,
        );
        left += room + 1;
      }
      if (graph.width >= 8)
        drawGraph(paint, { ...graph, y: y + i, height: 1 }, one.history, Math.max(1000, one.peak), styles.receive);
      if (one.key === this.#selected) buffer.restyle(x, y + i, width, (style) => table.over(style, styles.selection));
      hits.push({ x, y: y + i, width, height: 1, target: { kind: "row", index: this.#scroll + i } });
    }
    drawScrollbar(paint, x + width - 1, y, this.#page, this.#scroll, this.#list.length);
  }

  #drawHeading(paint: Paint, x: number, y: number, names: number, shown: readonly ProcessColumn[]): void {
    const { buffer, styles, messages } = paint;
    const arrow = this.#descending ? "▼" : "▲";
    buffer.text(
      x,
      y,
      messages.columnProcess + (this.#sort < 0 ? arrow : ""),
      this.#sort < 0 ? styles.headingSorted : styles.heading,
      names,
    );
    let left = x + names + 1;
    for (const one of shown) {
      const sorted = one === columns[this.#sort];
      drawRight(
        paint,
        left,
        y,
        one.width,
        messages[one.title] + (sorted ? arrow : ""),
        sorted ? styles.headingSorted : styles.heading,
      );
      left += one.width + 1;
    }
  }

  #select(index: number): void {
    this.#refresh();
    this.#selected = this.#list[Math.max(0, Math.min(index, this.#list.length - 1))]?.key;
  }

  #move(by: number): void {
    this.#refresh();
    const at = this.#list.findIndex((one) => one.key === this.#selected);
    this.#select(at < 0 ? this.#scroll : at + by);
  }

  run(command: Command): void {
    const steps: Partial<Record<Command, number>> = {
      up: -1,
      down: 1,
      pageUp: -this.#page,
      pageDown: this.#page,
      halfUp: -(this.#page >> 1),
      halfDown: this.#page >> 1,
    };
    const step = steps[command];
    if (step !== undefined) this.#move(step);
    else if (command === "first") this.#select(0);
    else if (command === "last") this.#select(Infinity);
    else if (command === "sockets") this.#showSockets();
    else if (command === "sort") {
      this.#sort = this.#sort + 1 < columns.length ? this.#sort + 1 : -1;
      this.#descending = this.#sort >= 0;
      this.#stale = true;
    } else if (command === "sortReverse") {
      this.#descending = !this.#descending;
      this.#stale = true;
    }
  }

  #chosen(): ProcessRates | undefined {
    this.#refresh();
    return this.#list.find((one) => one.key === this.#selected) ?? this.#list[0];
  }

  #showSockets(): void {
    const process = this.#chosen()?.process;
    if (process !== undefined) this.#host.showOnly(`pid:${process.pid}`);
  }

  click(target: Target, _event: unknown, double: boolean): void {
    if (target.kind !== "row") return;
    this.#select(target.index);
    if (double) this.#showSockets();
  }

  wheel(by: number): void {
    this.#move(by);
  }

  copyText(): string | undefined {
    return this.#chosen()?.process?.name;
  }
}
