import type { Snapshot } from "../model/index.ts";
import { sumUp, type DashboardSums, type Share } from "./dashboard-sums.ts";
import { formatBytes, formatCount, formatMilliseconds, formatRate, magnitudeStyle } from "./format.ts";
import type { Command } from "./keys.ts";
import { fill, type Messages } from "./messages.ts";
import { drawHealth } from "./overview-sidebar.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { TabHost, TabScreen } from "./tab-screen.ts";
import { drawInterfaces, drawTraffic } from "./widgets/header.ts";
import { drawBox, drawGraph, drawRight, drawSpans, type Paint, type Rectangle, type Span } from "./widgets/paint.ts";

/** Ticks that opened and closed connections are remembered for. */
const historyTicks = 240;
/** A card narrower or lower than this says nothing. */
const leastWidth = 36;
const leastHeight = 4;
const rateWidth = 11;

interface Card {
  readonly title: (messages: Messages) => string;
  /** Lines that it makes good use of, borders included. */
  readonly wants: number;
  /** It is a list, which more room makes longer. */
  readonly grows?: true;
  readonly draw: (paint: Paint, inside: Rectangle, snapshot: Snapshot, sums: DashboardSums) => void;
}

/** The dashboard tab: the whole system on one page, in cards; those that find no room are left out, the last ones first. */
export class DashboardScreen implements TabScreen {
  readonly #host: TabHost;
  #snapshot: Snapshot | undefined;
  #sums: DashboardSums | undefined;
  /** Connections that opened and ended in each tick, and their sums at the last one. */
  readonly #opened: number[] = [];
  readonly #ended: number[] = [];
  #before: { readonly opened: number; readonly ended: number; readonly time: number } | undefined;
  #interval = 0;

  constructor(host: TabHost) {
    this.#host = host;
  }

  update(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#sums = undefined;
    const { opened, ended } = snapshot.totals;
    const { time } = snapshot;
    if (this.#before !== undefined && time > this.#before.time) {
      this.#interval = time - this.#before.time;
      const seconds = this.#interval / 1000;
      remember(this.#opened, Math.max(0, opened - this.#before.opened) / seconds);
      remember(this.#ended, Math.max(0, ended - this.#before.ended) / seconds);
    }
    this.#before = { opened, ended, time };
  }

  #summed(snapshot: Snapshot): DashboardSums {
    return (this.#sums ??= sumUp(snapshot, this.#host.messages.unknownProcess));
  }

  readonly #cards: readonly Card[] = [
    { title: (m) => m.panelTraffic, wants: 6, draw: (paint, inside, snapshot) => drawTraffic(paint, inside, snapshot) },
    {
      title: (m) => m.tabProcesses,
      wants: 10,
      grows: true,
      draw: (paint, inside, _, sums) => drawShares(paint, inside, sums.processes, paint.styles.process),
    },
    {
      title: (m) => m.panelHosts,
      wants: 10,
      grows: true,
      draw: (paint, inside, _, sums) => drawShares(paint, inside, sums.hosts, paint.styles.host),
    },
    {
      title: (m) => m.panelApplications,
      wants: 10,
      grows: true,
      draw: (paint, inside, _, sums) => drawShares(paint, inside, sums.applications, paint.styles.application),
    },
    {
      title: (m) => m.panelConnections,
      wants: 6,
      draw: (paint, inside, snapshot) => this.#drawConnections(paint, inside, snapshot),
    },
    { title: (m) => m.panelQuality, wants: 7, draw: (paint, inside, _, sums) => drawQuality(paint, inside, sums) },
    {
      title: (m) => m.panelStates,
      wants: 8,
      grows: true,
      draw: (paint, inside, _, sums) => drawStates(paint, inside, sums),
    },
    {
      title: (m) => m.panelInterfaces,
      wants: 7,
      draw: (paint, inside, snapshot) => drawInterfaces(paint, inside, snapshot),
    },
    {
      title: (m) => m.panelProtocols,
      wants: 7,
      grows: true,
      draw: (paint, inside, _, sums) => drawShares(paint, inside, sums.protocols, paint.styles.text),
    },
    {
      title: (m) => m.panelHealth,
      wants: 7,
      draw: (paint, inside, snapshot) => drawHealth(paint, inside, snapshot, this.#interval),
    },
    {
      title: (m) => m.panelCountries,
      wants: 7,
      grows: true,
      draw: (paint, inside, _, sums) => drawShares(paint, inside, sums.countries, paint.styles.text),
    },
  ];

  draw(paint: Paint, place: Rectangle): undefined {
    const snapshot = this.#snapshot;
    if (snapshot === undefined || place.width < 8 || place.height < 2) return undefined;
    const sums = this.#summed(snapshot);
    // Nobody knows countries without a database of them.
    const cards = this.#cards.filter((_, index) => index < this.#cards.length - 1 || sums.countries.length > 0);
    for (const { card, ...at } of arrange(cards, place)) {
      const inside = drawBox(paint, at, [[card.title(paint.messages), paint.styles.heading]]);
      if (inside.height > 0) card.draw(paint, inside, snapshot, sums);
    }
    return undefined;
  }

  /** Opened and ended connections a second, over time. */
  #drawConnections(paint: Paint, inside: Rectangle, snapshot: Snapshot): void {
    const { styles, messages } = paint;
    const { live, closed, opened, ended } = snapshot.totals;
    const line = (y: number, spans: readonly Span[]): void =>
      void drawSpans(paint, inside.x + 1, y, inside.x + inside.width - 1, spans);
    line(inside.y, [
      [formatCount(live), styles.good],
      [` ${messages.live}  `, styles.muted],
      [formatCount(closed), styles.text],
      [` ${messages.closed}`, styles.muted],
    ]);
    const series: readonly [string, number, readonly number[], number][] = [
      [messages.opened, opened, this.#opened, styles.receive],
      [messages.ended, ended, this.#ended, styles.transmit],
    ];
    series.forEach(([name, total, history, style], index) => {
      const y = inside.y + 1 + index;
      if (y >= inside.y + inside.height) return;
      line(y, [
        [`${(history.at(-1) ?? 0).toFixed(1)}/s `, styles.text],
        [`${name} ${formatCount(total)}`, styles.muted],
      ]);
      const x = inside.x + 26;
      const width = inside.x + inside.width - 1 - x;
      if (width > 4) drawGraph(paint, { x, y, width, height: 1 }, history, Math.max(1, ...history), style);
    });
  }

  run(_command: Command): void {
    // Nothing is chosen here: the page shows all there is.
  }

  click(): void {
    // As `run`.
  }

  wheel(): void {
    // As `run`.
  }

  copyText(): string | undefined {
    return undefined;
  }

  exportContent(): ExportContent | undefined {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return undefined;
    const sums = this.#summed(snapshot);
    const lists = {
      protocol: sums.protocols,
      application: sums.applications,
      process: sums.processes,
      host: sums.hosts,
      country: sums.countries,
    };
    return {
      kind: "table",
      columns: ["by", "name", "rate", "bytes", "connections"],
      rows: Object.entries(lists).flatMap(([by, list]) =>
        list.map(({ name, rate, bytes, rows }) => [by, name, Math.round(rate), bytes, rows]),
      ),
    };
  }
}

function remember(history: number[], value: number): void {
  history.push(value);
  if (history.length > historyTicks) history.shift();
}

interface Placed extends Rectangle {
  readonly card: Card;
}

/** Cards from left to right and from above, in columns of even width; what is left of the height goes to the last of a column. */
function arrange(cards: readonly Card[], place: Rectangle): Placed[] {
  const count = Math.max(1, Math.min(4, Math.floor(place.width / leastWidth)));
  const columns = Array.from({ length: count }, (): Card[] => []);
  const used = columns.map(() => 0);
  for (const card of cards) {
    const column = used.indexOf(Math.min(...used));
    const room = place.height - used[column]!;
    if (room < leastHeight) continue;
    columns[column]!.push(card);
    used[column]! += Math.min(card.wants, room);
  }
  return columns.flatMap((list, column) => {
    const x = place.x + Math.floor((place.width * column) / count);
    const width = place.x + Math.floor((place.width * (column + 1)) / count) - x;
    const spare = Math.max(0, place.height - list.reduce((sum, { wants }) => sum + wants, 0));
    const growing = list.filter(({ grows }) => grows).length;
    let { y } = place;
    return list.map((card, index) => {
      const left = place.y + place.height - y;
      const more = card.grows && growing > 0 ? Math.floor(spare / growing) : 0;
      const height = index === list.length - 1 ? left : Math.min(card.wants + more, left);
      const placed = { card, x, y, width, height };
      y += height;
      return placed;
    });
  });
}

/** A list of shares with bars of their rates, or of their bytes while nothing moves. */
function drawShares(paint: Paint, inside: Rectangle, list: readonly Share[], style: number): void {
  const { buffer, styles, messages } = paint;
  if (list.length === 0) {
    buffer.text(inside.x + 1, inside.y, messages.noRows, styles.muted, inside.width - 2);
    return;
  }
  const names = Math.max(8, Math.min(24, inside.width - rateWidth - 8));
  const bars = Math.max(0, inside.width - 2 - names - 1 - rateWidth - 1);
  const highest = list[0]!.rate;
  for (let i = 0; i < inside.height; i++) {
    const one = list[i];
    if (one === undefined) break;
    const y = inside.y + i;
    buffer.text(inside.x + 1, y, one.name, one.rate > 0 ? style : styles.muted, names, "middle");
    if (bars > 0 && one.rate > 0) {
      const length = Math.max(1, Math.round((one.rate / highest) * bars));
      buffer.fill(inside.x + 2 + names, y, length, 1, 0x2501, styles.accent);
    }
    const text = one.rate > 0 ? formatRate(one.rate) : formatBytes(one.bytes);
    const look = one.rate > 0 ? magnitudeStyle(one.rate, styles) : styles.faint;
    drawRight(paint, inside.x + inside.width - 1 - rateWidth, y, rateWidth, text, look);
  }
}

function drawStates(paint: Paint, inside: Rectangle, { states }: DashboardSums): void {
  const { buffer, styles } = paint;
  const most = states[0]?.[1] ?? 1;
  const bars = Math.max(0, inside.width - 2 - 12 - 1 - 7);
  for (let i = 0; i < Math.min(inside.height, states.length); i++) {
    const [state, rows] = states[i]!;
    const y = inside.y + i;
    buffer.text(inside.x + 1, y, state, state === "ESTABLISHED" ? styles.good : styles.text, 12);
    if (bars > 0)
      buffer.fill(inside.x + 14, y, Math.max(1, Math.round((rows / most) * bars)), 1, 0x2501, styles.accent);
    drawRight(paint, inside.x + inside.width - 1 - 6, y, 6, formatCount(rows), styles.text);
  }
}

function drawQuality(paint: Paint, inside: Rectangle, sums: DashboardSums): void {
  const { styles, messages } = paint;
  const lines: Span[][] = [
    [
      [`${messages.columnRtt} `, styles.muted],
      [sums.rtt === undefined ? "–" : formatMilliseconds(sums.rtt), styles.text],
      [` ${messages.median}`, styles.faint],
    ],
    [
      [`${messages.retransmits} `, styles.muted],
      [formatCount(sums.retransmits), sums.retransmits > 0 ? styles.warning : styles.good],
    ],
    [
      [`${messages.lost} `, styles.muted],
      [fill(messages.segments, { count: formatCount(sums.lost) }), sums.lost > 0 ? styles.warning : styles.good],
    ],
  ];
  lines.slice(0, inside.height).forEach((spans, i) => {
    drawSpans(paint, inside.x + 1, inside.y + i, inside.x + inside.width - 1, spans);
  });
}
