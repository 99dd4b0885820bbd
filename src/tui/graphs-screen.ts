import type { Connection, Snapshot } from "../model/index.ts";
import { formatEndpoint } from "./cell-text.ts";
import { PromptDialog } from "./dialogs/prompt-dialog.ts";
import { FollowedFlows, type FollowedFlow } from "./followed-flows.ts";
import { formatClock, formatRate } from "./format.ts";
import { formatSpan, leastSpan, mostSpan, parseSpan } from "./graph-span.ts";
import type { MouseEvent } from "./input-parser.ts";
import type { Command } from "./keys.ts";
import { fill, type MessageKey } from "./messages.ts";
import type { Activity } from "./process-rates.ts";
import { RateHistory, type Series } from "./rate-history.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { TabHost, TabScreen } from "./tab-screen.ts";
import type { Styles } from "./theme.ts";
import { dotsOf, drawChart, firstDot, type ChartLine } from "./widgets/chart.ts";
import { drawLegend, layoutLegend, type LegendEntry } from "./widgets/legend.ts";
import { drawRule, type Paint, type Rectangle, type Span, type Target } from "./widgets/paint.ts";

/** Where the graphs get their subjects from: processes that do something, and what is marked. */
export interface GraphSubjects {
  readonly processes: { readonly activities: readonly Activity[]; readonly marked: readonly Activity[] };
  readonly flows: { readonly marked: readonly Connection[] };
}

/** Spans of time that one key goes through, in seconds. */
const windows = [60, 600, 3600];
/** Processes that are drawn at once. */
const mostLines = 8;
/** Processes that are drawn when none is marked. */
const busiest = 5;
/** One letter for each line. */
const markers = "ABCDEFGHIJKLMNOP";

/** What is drawn; "marked" is processes and connections together. */
const modes = ["total", "processes", "flows", "marked"] as const;
type Mode = (typeof modes)[number];
const modeNames: Readonly<Record<Mode, MessageKey>> = {
  total: "graphTotal",
  processes: "graphProcesses",
  flows: "graphFlow",
  marked: "graphMarked",
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
  /** Milliseconds: nothing is known of before. */
  readonly since: number;
}

/** The graphs tab: rates over time, full screen, of the machine, of processes and of connections. */
export class GraphsScreen implements TabScreen {
  readonly #host: TabHost;
  readonly #subjects: GraphSubjects;
  #history = new RateHistory();
  readonly #flows = new FollowedFlows();
  #mode: Mode = "total";
  #window = windows[0]!;
  #logarithmic = false;
  /** Dots from the right edge; undefined: no cursor. */
  #cursor: number | undefined;
  #dots = 0;
  /** Where the first dot was drawn. */
  #left = 0;
  #time = 0;

  constructor(host: TabHost, subjects: GraphSubjects) {
    this.#host = host;
    this.#subjects = subjects;
  }

  update(snapshot: Snapshot): void {
    // A capture tells all of its time, live it is from the first tick on.
    const begin = snapshot.level.level === "replay" ? snapshot.start : snapshot.time;
    this.#history.update(snapshot.time, this.#subjects.processes.activities, begin);
    this.#followMarked();
    this.#time = snapshot.time;
    this.#flows.update(snapshot);
  }

  /** What was marked since the last tick is followed from here on. */
  #followMarked(): void {
    const { marked } = this.#subjects.flows;
    for (const row of marked) {
      if (this.#flows.find(row.id) === undefined) this.#flows.follow(row, this.#time, marked);
    }
  }

  restart(): void {
    this.#history = new RateHistory();
    this.#flows.restart();
  }

  /** The connection that was chosen in the overview can be looked at from now on. */
  opened(): void {
    this.#followMarked();
    const row = this.#host.chosen();
    const { processes, flows } = this.#subjects;
    if (row !== undefined) this.#flows.follow(this.#host.real(row), this.#time, flows.marked);
    const isMarked = this.#mode === "marked" && !this.#modes.includes("marked");
    if (this.#mode !== "total" && !isMarked) return;
    if (processes.marked.length > 0 && flows.marked.length > 0) this.#mode = "marked";
    else if (processes.marked.length > 0) this.#mode = "processes";
    else this.#mode = flows.marked.length > 0 ? "flows" : "total";
  }

  /** What can be drawn. */
  get #modes(): readonly Mode[] {
    const { processes, flows } = this.#subjects;
    return processes.marked.length > 0 && flows.marked.length > 0 ? modes : modes.slice(0, -1);
  }

  /** A kept connection as it may be called now; `alike`: others are called the same, but for their own port. */
  #nameOf(kept: Connection, alike = false): string {
    const row = this.#host.view(kept);
    const own = alike ? `:${row.local.port} → ` : "";
    return `${row.process?.name ?? this.#host.messages.unknownProcess} ${own}${formatEndpoint(row.remote)}`;
  }

  /** Names of connections that stand beside each other. */
  #namesOf(flows: readonly FollowedFlow[]): readonly string[] {
    const names = flows.map(({ row }) => this.#nameOf(row));
    return flows.map(({ row }, index) => {
      const name = names[index]!;
      return names.indexOf(name) === names.lastIndexOf(name) ? name : this.#nameOf(row, true);
    });
  }

  /** The connections that are drawn: those that are marked, else the one that was chosen last. */
  get #shownFlows(): readonly FollowedFlow[] {
    const { marked } = this.#subjects.flows;
    if (marked.length > 0) return marked.flatMap(({ id }) => this.#flows.find(id) ?? []);
    const { last } = this.#flows;
    return last === undefined ? [] : [last];
  }

  #curves(): Curve[] {
    if (this.#mode === "total") return this.#directions(this.#history.total, this.#history.since);
    const flows = this.#shownFlows;
    if (this.#mode === "flows" && flows.length === 1) return this.#directions(flows[0]!.series, flows[0]!.since);
    const names = this.#namesOf(flows);
    const ofFlows = flows.map(({ series, since }, at): Curve => ({ name: names[at]!, series, side: "both", since }));
    if (this.#mode === "flows") return ofFlows;
    return this.#mode === "marked" ? [...this.#processCurves(), ...ofFlows] : this.#processCurves();
  }

  #directions(series: Series, since: number): Curve[] {
    const { received, sent } = this.#host.messages;
    return [
      { name: received, series, side: 0, since },
      { name: sent, series, side: 1, since },
    ];
  }

  #processCurves(): Curve[] {
    const marked = this.#subjects.processes.marked.map(({ key }) => key);
    const keys = marked.length > 0 ? marked.slice(0, mostLines) : this.#history.busiest(busiest, this.#window);
    return keys.flatMap((key): Curve[] => {
      const found = this.#history.find(key);
      if (found === undefined) return [];
      const name = found.name === "" ? this.#host.messages.unknownProcess : this.#host.viewName(found.name);
      return [{ name, series: found.series, side: "both", since: this.#history.since }];
    });
  }

  /** A curve's values, one for each dot; NaN where nothing is known. */
  #values({ series, side, since }: Curve, dots: number): number[] {
    const now = this.#time / 1000;
    const step = this.#window / dots;
    const mean = (which: 0 | 1, from: number): number => series.mean(which, from, from + step, now);
    return Array.from({ length: dots }, (_, dot) => {
      const from = now - (dots - dot) * step;
      if ((from + step) * 1000 <= since) return Number.NaN;
      return side === "both" ? mean(0, from) + mean(1, from) : mean(side, from);
    });
  }

  draw(paint: Paint, place: Rectangle): undefined {
    const { styles } = paint;
    const curves = this.#curves();
    const dots = (this.#dots = dotsOf(place.width));
    this.#left = place.x + firstDot;
    // Received and sent have colours of their own everywhere; without colours letters tell lines apart.
    const lettered = curves.some(({ side }) => side === "both") || paint.table.depth === "none";
    const palette = lineStyles(styles);
    const lines = curves.map((curve, index): ChartLine => ({
      values: this.#values(curve, dots),
      style: palette[index % palette.length]!,
      marker: lettered ? (markers[index] ?? "") : "",
    }));
    const at = this.#cursor === undefined ? undefined : Math.max(0, dots - 1 - this.#cursor);
    const isTall = place.height >= 6;
    const legend = isTall ? this.#drawLegend(paint, place, curves, lines, at ?? dots - 1) : 0;
    if (isTall) drawRule(paint, place.x, place.y, place.width, this.#title(paint), this.#status(paint));
    const top = isTall ? 1 + legend : 0;
    const chart = { ...place, y: place.y + top, height: place.height - top };
    const target = { kind: "chart" } as const;
    paint.hits.push({ ...chart, x: this.#left, width: Math.max(0, dots >> 1), target });
    const end = this.#time;
    const time = (share: number): readonly [number, string] => [
      share,
      formatClock(end - (1 - share) * this.#window * 1000),
    ];
    const times = chart.width >= 60 ? [0, 0.25, 0.5, 0.75, 1].map(time) : [0, 1].map(time);
    drawChart(paint, chart, { lines, logarithmic: this.#logarithmic, times, cursor: at });
    return undefined;
  }

  /** Every curve with its value at `dot`; returns how many lines that took. */
  #drawLegend(
    paint: Paint,
    { x, y, width, height }: Rectangle,
    curves: readonly Curve[],
    lines: readonly ChartLine[],
    dot: number,
  ): number {
    const { messages, styles, buffer } = paint;
    if (curves.length === 0) {
      const text = this.#mode === "flows" ? messages.graphNoFlow : messages.noRows;
      buffer.text(x + 1, y + 1, text, styles.muted, width - 2);
      return 1;
    }
    const entries = curves.map(({ name }, index): LegendEntry => {
      const { values, style, marker } = lines[index]!;
      return { name, value: rateText(values[dot] ?? Number.NaN), style, marker };
    });
    // A chart of less than two thirds of the height is none.
    const { rows } = layoutLegend(entries, width - 2, Math.max(1, Math.floor(height / 4)));
    drawLegend(paint, { x: x + 1, y: y + 1, width: width - 2, height: rows }, entries);
    return rows;
  }

  #title({ messages, styles }: Paint): Span[] {
    const flows = this.#mode === "flows" ? this.#shownFlows : [];
    const kept = flows.length === 1 ? flows[0]!.row : undefined;
    return [
      [`${messages.tabGraphs} `, styles.heading],
      [messages[flows.length > 1 ? "graphFlows" : modeNames[this.#mode]], styles.text],
      [kept === undefined ? "" : ` · ${this.#nameOf(kept)}`, styles.muted],
    ];
  }

  #status({ messages, styles }: Paint): Span[] {
    const spans: Span[] = [
      [formatSpan(this.#window), styles.text],
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
        this.#mode = this.#modes[(this.#modes.indexOf(this.#mode) + 1) % this.#modes.length]!;
        return;
      case "graphWindow":
        this.#window = windows.find((one) => one > this.#window) ?? windows[0]!;
        return;
      case "graphCustom":
        this.#askWindow();
        return;
      case "zoomIn":
        this.#window = Math.max(leastSpan, Math.round(this.#window / 2));
        return;
      case "zoomOut":
        this.#window = Math.min(mostSpan, this.#window * 2);
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

  #askWindow(): void {
    const { messages } = this.#host;
    this.#host.show(
      new PromptDialog({
        messages,
        title: messages.graphSpanTitle,
        text: formatSpan(this.#window),
        hint: messages.graphSpanHint,
        take: (text) => {
          const seconds = parseSpan(text);
          if (seconds === undefined) return messages.graphSpanHint;
          this.#window = seconds;
          return undefined;
        },
      }),
    );
  }

  /** By a fiftieth of the width, and to every dot near the end. */
  #moveCursor(by: number): void {
    const step = Math.max(1, Math.round(this.#dots / 50));
    this.#setCursor(this.#cursor === undefined ? 0 : this.#cursor + by * step);
  }

  #setCursor(dots: number): void {
    this.#cursor = Math.max(0, Math.min(Math.max(0, this.#dots - 1), dots));
  }

  /** The cursor goes where the mouse is. */
  click(target: Target, { x }: MouseEvent): void {
    if (target.kind === "chart") this.#setCursor(this.#dots - 1 - (x - this.#left) * 2);
  }

  drag(target: Target, event: MouseEvent | undefined): void {
    if (event !== undefined) this.click(target, event);
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
        ...values.map((list) => known(list[index])),
      ]),
    };
  }
}

const rateText = (rate: number): string => (Number.isNaN(rate) ? "–" : formatRate(rate));

const known = (rate: number | undefined): number | undefined =>
  rate === undefined || Number.isNaN(rate) ? undefined : Math.round(rate);
