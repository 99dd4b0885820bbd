import type { Connection, Snapshot } from "../model/index.ts";
import { formatEndpoint } from "./cell-text.ts";
import { formatClock, formatRate } from "./format.ts";
import { copyConnection } from "./freeze.ts";
import type { Command } from "./keys.ts";
import { fill, type MessageKey } from "./messages.ts";
import type { Activity } from "./process-rates.ts";
import { RateHistory, Series } from "./rate-history.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { TabHost, TabScreen } from "./tab-screen.ts";
import type { Styles } from "./theme.ts";
import { dotsOf, drawChart, type ChartLine } from "./widgets/chart.ts";
import { drawRule, drawSpans, type Paint, type Rectangle, type Span } from "./widgets/paint.ts";

/** Where the graphs get their processes from: all that do something, and those that are marked. */
export interface GraphSubjects {
  readonly activities: readonly Activity[];
  readonly marked: readonly Activity[];
}

/** Seconds that are shown; between them it goes by doubling. */
const windows = [60, 600, 3600];
const leastWindow = 15;
const mostWindow = 3600;
const mostLines = 8;
/** Connections whose rates are kept, because they were chosen. */
const mostFlows = 8;

/** What is drawn. */
const modes = ["total", "processes", "flow"] as const;
type Mode = (typeof modes)[number];
const modeNames: Readonly<Record<Mode, MessageKey>> = {
  total: "graphTotal",
  processes: "graphProcesses",
  flow: "graphFlow",
};

const lineStyles = (styles: Styles): readonly number[] => [
  styles.receive,
  styles.transmit,
  styles.warning,
  styles.accent,
  styles.application,
  styles.critical,
  styles.host,
  styles.good,
];

interface Curve {
  readonly name: string;
  readonly series: Series;
  /** 0 receives, 1 transmits, "both": their sum. */
  readonly side: 0 | 1 | "both";
}

/** The graphs tab: rates over time, full screen, of the machine, of processes, or of one connection. */
export class GraphsScreen implements TabScreen {
  readonly #host: TabHost;
  readonly #subjects: GraphSubjects;
  readonly #history = new RateHistory();
  /** Chosen connections, the last one last. */
  readonly #flows = new Map<number, { series: Series; row: Connection; time: number; rx: number; tx: number }>();
  #mode: Mode = "total";
  #window = windows[0]!;
  #logarithmic = false;
  /** Dots from the right edge; undefined: no cursor. */
  #cursor: number | undefined;
  #dots = 0;
  #time = 0;

  constructor(host: TabHost, subjects: GraphSubjects) {
    this.#host = host;
    this.#subjects = subjects;
  }

  update(snapshot: Snapshot): void {
    this.#time = snapshot.time;
    this.#history.update(snapshot.time, this.#subjects.activities);
    if (this.#flows.size === 0) return;
    for (const row of snapshot.connections) {
      const flow = this.#flows.get(row.id);
      if (flow === undefined || snapshot.time <= flow.time) continue;
      const [rx, tx] = [Math.max(0, row.rxBytes - flow.rx), Math.max(0, row.txBytes - flow.tx)];
      flow.series.add(flow.time / 1000, snapshot.time / 1000, rx, tx);
      [flow.time, flow.rx, flow.tx] = [snapshot.time, row.rxBytes, row.txBytes];
    }
  }

  /** The connection that was chosen in the overview can be looked at from now on. */
  opened(): void {
    const row = this.#host.chosen();
    if (row !== undefined) this.#follow(row);
    if (this.#subjects.marked.length > 0 && this.#mode === "total") this.#mode = "processes";
  }

  #follow(row: Connection): void {
    const known = this.#flows.get(row.id);
    this.#flows.delete(row.id);
    const kept = copyConnection(this.#host.real(row));
    const fresh = { series: new Series(), row: kept, time: this.#time, rx: row.rxBytes, tx: row.txBytes };
    this.#flows.set(row.id, known === undefined ? fresh : { ...known, row: kept });
    for (const oldest of this.#flows.keys()) {
      if (this.#flows.size <= mostFlows) break;
      this.#flows.delete(oldest);
    }
  }

  /** A kept connection as it may be called now. */
  #nameOf(kept: Connection): string {
    const row = this.#host.view(kept);
    return `${row.process?.name ?? this.#host.messages.unknownProcess} ${formatEndpoint(row.remote)}`;
  }

  #curves(): Curve[] {
    const { messages } = this.#host;
    const directions = (series: Series): Curve[] => [
      { name: messages.received, series, side: 0 },
      { name: messages.sent, series, side: 1 },
    ];
    if (this.#mode === "flow") {
      const last = [...this.#flows.values()].at(-1);
      return last === undefined ? [] : directions(last.series);
    }
    if (this.#mode === "total") return directions(this.#history.total);
    const marked = this.#subjects.marked.map(({ key }) => key);
    const keys = marked.length > 0 ? marked.slice(0, mostLines) : this.#history.busiest(5, this.#window);
    return keys.flatMap((key): Curve[] => {
      const found = this.#history.find(key);
      const name = found?.name === "" ? messages.unknownProcess : this.#host.viewName(found?.name ?? "");
      return found === undefined ? [] : [{ name, series: found.series, side: "both" }];
    });
  }

  /** A curve's values, one for each dot. */
  #values({ series, side }: Curve, dots: number): number[] {
    const now = this.#time / 1000;
    const step = this.#window / dots;
    const mean = (which: 0 | 1, from: number): number => series.mean(which, from, from + step, now);
    return Array.from({ length: dots }, (_, dot) => {
      const from = now - (dots - dot) * step;
      return side === "both" ? mean(0, from) + mean(1, from) : mean(side, from);
    });
  }

  draw(paint: Paint, place: Rectangle): undefined {
    const { styles, messages } = paint;
    const curves = this.#curves();
    const isTall = place.height >= 6;
    const chart = isTall ? { ...place, y: place.y + 2, height: place.height - 2 } : place;
    const dots = (this.#dots = dotsOf(chart.width));
    const palette = lineStyles(styles);
    const lines = curves.map((curve, index): ChartLine => ({
      values: this.#values(curve, dots),
      style: palette[index % palette.length]!,
    }));
    const at = this.#cursor === undefined ? undefined : Math.max(0, dots - 1 - this.#cursor);
    if (isTall) {
      drawRule(paint, place.x, place.y, place.width, this.#title(paint), this.#status(paint));
      const spans: Span[] = curves.flatMap(({ name }, index): Span[] => {
        const value = lines[index]!.values[at ?? dots - 1] ?? 0;
        return [
          ["━ ", lines[index]!.style],
          [`${name} `, styles.text],
          [`${formatRate(value)}   `, styles.muted],
        ];
      });
      if (curves.length === 0)
        spans.push([this.#mode === "flow" ? messages.graphNoFlow : messages.noRows, styles.muted]);
      drawSpans(paint, place.x + 1, place.y + 1, place.x + place.width - 1, spans);
    }
    const end = this.#time;
    const time = (share: number): readonly [number, string] => [
      share,
      formatClock(end - (1 - share) * this.#window * 1000),
    ];
    const times = chart.width >= 60 ? [0, 0.25, 0.5, 0.75, 1].map(time) : [0, 1].map(time);
    drawChart(paint, chart, { lines, logarithmic: this.#logarithmic, times, cursor: at });
    return undefined;
  }

  #title({ messages, styles }: Paint): Span[] {
    const kept = this.#mode === "flow" ? [...this.#flows.values()].at(-1)?.row : undefined;
    const flow = kept && this.#nameOf(kept);
    return [
      [`${messages.tabGraphs} `, styles.heading],
      [messages[modeNames[this.#mode]], styles.text],
      [flow === undefined ? "" : ` · ${flow}`, styles.muted],
    ];
  }

  #status({ messages, styles }: Paint): Span[] {
    const span = this.#window % 60 === 0 ? `${this.#window / 60} min` : `${this.#window} s`;
    const spans: Span[] = [
      [span, styles.text],
      [this.#logarithmic ? ` · ${messages.logarithmic}` : "", styles.accent],
    ];
    if (this.#cursor !== undefined && this.#dots > 0) {
      const time = this.#time - (this.#cursor / this.#dots) * this.#window * 1000;
      spans.unshift([`${fill(messages.graphAt, { time: formatClock(time) })} · `, styles.accent]);
    }
    return spans;
  }

  run(command: Command): void {
    switch (command) {
      case "graphMode":
        this.#mode = modes[(modes.indexOf(this.#mode) + 1) % modes.length]!;
        return;
      case "graphWindow":
        this.#window = windows.find((one) => one > this.#window) ?? windows[0]!;
        return;
      case "zoomIn":
        this.#window = Math.max(leastWindow, Math.round(this.#window / 2));
        return;
      case "zoomOut":
        this.#window = Math.min(mostWindow, this.#window * 2);
        return;
      case "graphScale":
        this.#logarithmic = !this.#logarithmic;
        return;
      case "cursorLeft":
        this.#moveCursor(1);
        return;
      case "cursorRight":
        this.#moveCursor(-1);
        return;
      case "back":
        if (this.#cursor === undefined) this.#host.open("overview");
        this.#cursor = undefined;
        return;
      default:
    }
  }

  /** By a fiftieth of the width, and to every dot near the end. */
  #moveCursor(by: number): void {
    const step = Math.max(1, Math.round(this.#dots / 50));
    const next = this.#cursor === undefined ? 0 : this.#cursor + by * step;
    this.#cursor = Math.max(0, Math.min(Math.max(0, this.#dots - 1), next));
  }

  click(): void {
    // Nothing here takes a click.
  }

  wheel(by: number): void {
    this.run(by < 0 ? "zoomIn" : "zoomOut");
  }

  copyText(): string | undefined {
    return undefined;
  }

  exportContent(): ExportContent | undefined {
    const curves = this.#curves();
    if (curves.length === 0) return undefined;
    const values = curves.map((curve) => this.#values(curve, this.#window));
    return {
      kind: "table",
      columns: ["time", ...curves.map(({ name }) => name)],
      rows: Array.from({ length: this.#window }, (_, index) => [
        new Date(this.#time - (this.#window - index) * 1000).toISOString(),
        ...values.map((list) => Math.round(list[index] ?? 0)),
      ]),
    };
  }
}
