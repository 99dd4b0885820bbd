import type { Snapshot } from "../model/index.ts";
import { sumUp, type DashboardSums } from "./dashboard-sums.ts";
import {
  arrangePages,
  drawInterfaceCard,
  drawPace,
  drawQuality,
  drawShares,
  drawStates,
  type Card,
} from "./dashboard-cards.ts";
import { formatCount } from "./format.ts";
import type { Command } from "./keys.ts";
import { fill, type Messages } from "./messages.ts";
import { LossHistory, remember } from "./loss-history.ts";
import { drawHealth } from "./overview-sidebar.ts";
import { stepOf } from "./overlay.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { TabHost, TabScreen } from "./tab-screen.ts";
import { drawTraffic } from "./widgets/header.ts";
import { drawBox, drawSpans, type Paint, type Rectangle, type Span } from "./widgets/paint.ts";

/** The dashboard tab: the whole system on one page, in cards; those that find no room stand on further pages. */
export class DashboardScreen implements TabScreen {
  readonly #host: TabHost;
  readonly #knowsCountries: boolean;
  #snapshot: Snapshot | undefined;
  #sums: DashboardSums | undefined;
  /** Connections that opened and ended in each tick, and their sums at the last one. */
  readonly #opened: number[] = [];
  readonly #ended: number[] = [];
  #before: { readonly opened: number; readonly ended: number; readonly time: number } | undefined;
  #interval = 0;
  #page = 0;
  #pages = 1;
  #losses = new LossHistory();

  /** `knowsCountries`: there is a database that tells them. */
  constructor(host: TabHost, knowsCountries: boolean) {
    this.#host = host;
    this.#knowsCountries = knowsCountries;
  }

  update(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#sums = undefined;
    this.#losses.update(snapshot);
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

  restart(): void {
    this.#opened.length = 0;
    this.#ended.length = 0;
    this.#losses = new LossHistory();
    this.#before = undefined;
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
    {
      title: (m) => m.panelQuality,
      wants: 6,
      draw: (paint, inside, _, sums) => drawQuality(paint, inside, sums, this.#losses),
    },
    {
      title: (m) => m.panelStates,
      wants: 8,
      grows: true,
      draw: (paint, inside, _, sums) => drawStates(paint, inside, sums),
    },
    {
      title: (m) => m.panelInterfaces,
      wants: 7,
      draw: (paint, inside, snapshot) => drawInterfaceCard(paint, inside, snapshot),
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
      draw: (paint, inside, snapshot) => drawHealth(paint, inside, snapshot, this.#interval, this.#host.ownCost),
    },
    {
      title: (m) => m.panelCountries,
      wants: 7,
      grows: true,
      draw: (paint, inside, _, sums) =>
        drawShares(paint, inside, sums.countries, paint.styles.text, this.#whyNoCountries(paint.messages)),
    },
  ];

  draw(paint: Paint, place: Rectangle): undefined {
    const snapshot = this.#snapshot;
    if (snapshot === undefined || place.width < 8 || place.height < 2) return undefined;
    const sums = this.#summed(snapshot);
    const pages = arrangePages(this.#cards, place);
    this.#pages = pages.length;
    this.#page = Math.min(this.#page, pages.length - 1);
    const cards = pages[this.#page] ?? [];
    for (const { card, ...at } of cards) {
      // Which page this is stands at the top right, where every page has a card.
      const number = at.y === place.y && at.x + at.width === place.x + place.width && pages.length > 1;
      const values = { at: this.#page + 1, count: pages.length };
      const right: Span[] = number
        ? [[fill(at.width < 40 ? "{at}/{count}" : paint.messages.page, values), paint.styles.accent]]
        : [];
      const inside = drawBox(paint, at, [[card.title(paint.messages), paint.styles.heading]], right);
      if (inside.height > 0) card.draw(paint, inside, snapshot, sums);
    }
    return undefined;
  }

  #whyNoCountries({ noRows, noCountries, howToCountries }: Messages): readonly string[] {
    return this.#knowsCountries ? [noRows] : [noCountries, howToCountries];
  }

  /** Opened and ended connections a second, over time. */
  #drawConnections(paint: Paint, inside: Rectangle, snapshot: Snapshot): void {
    const { styles, messages } = paint;
    const { live, closed, opened, ended } = snapshot.totals;
    drawSpans(paint, inside.x + 1, inside.y, inside.x + inside.width - 1, [
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
      drawPace(paint, inside, inside.y + 1 + index, name, [formatCount(total), styles.text], history, style);
    });
  }

  /** Whatever moves goes to another page. */
  run(command: Command): void {
    const step = stepOf(command, 1);
    if (step !== undefined) this.wheel(step === 0 ? (command === "halfUp" ? -1 : 1) : step);
  }

  click(): void {
    // Nothing is chosen here.
  }

  wheel(by: number): void {
    const to = Number.isFinite(by) ? this.#page + Math.sign(by) : by < 0 ? 0 : this.#pages - 1;
    this.#page = Math.max(0, Math.min(to, this.#pages - 1));
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
