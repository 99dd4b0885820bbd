import type { InterfaceInfo, Level, Losses, Snapshot } from "../../model/index.ts";
import {
  formatAge,
  formatBytes,
  formatClock,
  formatCount,
  formatCountWithin,
  formatRate,
  magnitudeStyle,
} from "../format.ts";
import { textWidth } from "../glyphs.ts";
import { fill, type MessageKey, type Messages } from "../messages.ts";
import type { Tab } from "../tab-screen.ts";
import {
  drawBox,
  drawGraph,
  drawRight,
  drawSpans,
  spansWidth,
  type Paint,
  type Rectangle,
  type Span,
} from "./paint.ts";

export const levelNames: Readonly<Record<Level, MessageKey>> = {
  full: "levelFull",
  capture: "levelCapture",
  unprivileged: "levelUnprivileged",
  replay: "levelReplay",
};

/** Names that are cut to less than this say nothing. */
const leastName = 3;

/**
 * How long the names of the other tabs may be, so that all stand in `room` cells; 0: only their keys. `widths` are of all
 * tabs, that of the active one, whose name is never cut, below 0; `gap` stands between two.
 */
function nameRoom(widths: readonly number[], room: number, gap: number): number {
  for (let length = Math.max(...widths); length >= leastName; length--) {
    const needed = widths.reduce((sum, one) => sum + 2 + gap + (one < 0 ? -one : Math.min(one, length)), 0);
    if (needed <= room) return length;
  }
  return 0;
}

/** The beginning of a text that is not wider than `width` cells. */
function cutText(text: string, width: number): string {
  let cut = "";
  for (const character of text) {
    if (textWidth(cut + character) > width) break;
    cut += character;
  }
  return cut;
}

/** The program's name goes where it takes room from those of the tabs. */
const program = "Socklens";

/** The top line: name, tabs, level and clock. What does not fit is left out from the right block's left side. */
export function drawTitle(
  paint: Paint,
  y: number,
  width: number,
  tabs: readonly Tab[],
  active: Tab["id"],
  snapshot: Snapshot | undefined,
  isPrivate: boolean,
): void {
  const { styles, messages, hits } = paint;
  const status = snapshot === undefined ? 0 : textWidth(messages[levelNames[snapshot.level.level]]) + 3;
  const widths = tabs.map((tab) => (tab.id === active ? -1 : 1) * textWidth(messages[tab.title]));
  const room = width - 1 - status;
  const longest = Math.max(...widths.map(Math.abs));
  const isNamed = nameRoom(widths, room - program.length - 2, 2) >= longest;
  let x = isNamed ? drawSpans(paint, 1, y, width, [[program, styles.title]]) + 2 : 1;
  const gap = nameRoom(widths, width - x - status, 2) >= longest ? 2 : 1;
  const length = nameRoom(widths, width - x - status, gap);
  for (const tab of tabs) {
    const start = x;
    const isActive = tab.id === active;
    const name = isActive ? messages[tab.title] : cutText(messages[tab.title], length);
    const spans: Span[] = [[tab.key, isActive || name !== "" ? styles.keyName : styles.tab]];
    if (name !== "") spans.push([" ", styles.text], [name, isActive ? styles.tabActive : styles.tab]);
    x = drawSpans(paint, x, y, width, spans);
    hits.push({ x: start, y, width: x - start, height: 1, target: { kind: "command", command: tab.command } });
    x += gap;
  }
  if (snapshot === undefined) return;
  const { level } = snapshot.level;
  const levelStyle = level === "full" ? styles.good : level === "replay" ? styles.accent : styles.warning;
  const parts: Span[][] = [
    [
      ["● ", levelStyle],
      [messages[levelNames[level]], levelStyle],
    ],
    [[fill(messages.up, { age: formatAge(snapshot.time - snapshot.start) }), styles.muted]],
    [[formatClock(snapshot.time), styles.text]],
  ];
  if (isPrivate) parts.push([[messages.privacyMark, styles.warning]]);
  // That things are hidden and the level are what matters most; the clock goes first where room is short.
  const shown = fitting(parts, [1, 2, 0], width - x - 1);
  let at = width - 1 - joinedWidth(shown, 2);
  for (const part of shown) at = drawSpans(paint, at, y, width, part) + 2;
}

const joinedWidth = (parts: readonly Span[][], gap: number): number =>
  parts.reduce((sum, part) => sum + spansWidth(part) + gap, -gap);

/** The parts that fit into `width`, dropped in the order of `dropped`. */
function fitting(parts: readonly Span[][], dropped: readonly number[], width: number): Span[][] {
  const gone = new Set<number>();
  for (const next of [-1, ...dropped]) {
    gone.add(next);
    const left = parts.filter((_, i) => !gone.has(i));
    if (left.length === 0 || joinedWidth(left, 2) <= width) return left;
  }
  return [];
}

/** Everything that makes the picture incomplete, worst first; empty on a healthy machine in full mode. */
export function headerNotices(paint: Paint, snapshot: Snapshot): Span[][] {
  const { styles, messages } = paint;
  const out: Span[][] = [];
  const lost = lossTexts(snapshot.losses, messages);
  if (lost.length > 0) {
    out.push([
      [`▲ ${messages.lost} `, styles.error],
      [lost.join(" · "), styles.warning],
    ]);
  }
  const { level, reason, missing } = snapshot.level;
  if (level !== "full" && level !== "replay") {
    out.push([
      [`▲ ${messages[levelNames[level]]}`, styles.warning],
      [reason === undefined ? "" : `: ${reason}`, styles.text],
    ]);
  }
  if (missing.length > 0) out.push([[fill(messages.without, { what: missing.join(" · ") }), styles.muted]]);
  if (snapshot.losses.unattributedBytes > 0 && lost.length === 0) {
    const bytes = formatBytes(snapshot.losses.unattributedBytes);
    out.push([[fill(messages.lostUnattributed, { bytes }), styles.muted]]);
  }
  return out;
}

export function lossTexts(losses: Losses, messages: Messages): string[] {
  const out: string[] = [];
  if (losses.tableFullPackets > 0 || losses.tableFullBytes > 0) {
    const bytes = formatBytes(losses.tableFullBytes);
    out.push(fill(messages.lostTable, { packets: formatCount(losses.tableFullPackets), bytes }));
  }
  if (losses.framesDropped > 0) out.push(fill(messages.lostFrames, { count: formatCount(losses.framesDropped) }));
  if (losses.samplesLost > 0) out.push(fill(messages.lostSamples, { count: formatCount(losses.samplesLost) }));
  if (losses.processEventsLost > 0) {
    out.push(fill(messages.lostEvents, { count: formatCount(losses.processEventsLost) }));
  }
  if (losses.evicted > 0) out.push(fill(messages.lostEvicted, { count: formatCount(losses.evicted) }));
  if (out.length > 0 && losses.unattributedBytes > 0) {
    out.push(fill(messages.lostUnattributed, { bytes: formatBytes(losses.unattributedBytes) }));
  }
  return out;
}

/** A graph's full height never stands for less than this, so that a whisper does not look like a storm. */
const leastScale = 1000;

const peak = (values: readonly number[], width: number): number => {
  let highest = 0;
  for (let i = Math.max(0, values.length - width); i < values.length; i++) highest = Math.max(highest, values[i] ?? 0);
  return highest;
};

/** Interfaces that are worth a line: up, real ones before loopback. */
function shownInterfaces(all: readonly InterfaceInfo[]): InterfaceInfo[] {
  const up = all.filter((one) => one.up || one.rxRate > 0 || one.txRate > 0);
  return [...up.filter((one) => !one.loopback), ...up.filter((one) => one.loopback)];
}

/** Three panels side by side: traffic with graphs, interfaces, totals. */
export function drawPanels(paint: Paint, place: Rectangle, snapshot: Snapshot): void {
  const { messages, styles } = paint;
  const totalsWidth = Math.min(36, Math.max(31, Math.floor(place.width * 0.18)));
  const interfacesWidth = Math.min(48, Math.max(36, Math.floor(place.width * 0.24)));
  const trafficWidth = place.width - totalsWidth - interfacesWidth;
  const { x, y, height } = place;
  const traffic = drawBox(paint, { x, y, width: trafficWidth, height }, [[messages.panelTraffic, styles.heading]]);
  drawTraffic(paint, traffic, snapshot);
  const second = { x: x + trafficWidth, y, width: interfacesWidth, height };
  drawInterfaces(paint, drawBox(paint, second, [[messages.panelInterfaces, styles.heading]]), snapshot);
  const third = { x: x + trafficWidth + interfacesWidth, y, width: totalsWidth, height };
  drawTotals(paint, drawBox(paint, third, [[messages.panelTotals, styles.heading]]), snapshot);
}

const labelWidth = 17;

export function drawTraffic(paint: Paint, inside: Rectangle, snapshot: Snapshot): void {
  const { styles, messages } = paint;
  const half = inside.height >> 1;
  const directions = [
    ["↓", snapshot.totals.rxRate, snapshot.rateHistory.rx, styles.receive],
    ["↑", snapshot.totals.txRate, snapshot.rateHistory.tx, styles.transmit],
  ] as const;
  directions.forEach(([arrow, rate, history, style], i) => {
    const y = inside.y + i * half;
    const width = Math.max(0, inside.width - labelWidth - 1);
    const highest = peak(history, width);
    drawSpans(paint, inside.x + 1, y, inside.x + labelWidth, [
      [`${arrow} `, style],
      [formatRate(rate), rate > 0 ? magnitudeStyle(rate, styles) : styles.faint],
    ]);
    if (half > 1) {
      const label = fill(messages.peak, { rate: formatRate(highest) });
      paint.buffer.text(inside.x + 1, y + 1, label, styles.muted, labelWidth - 1);
    }
    const area = { x: inside.x + labelWidth, y, width, height: half };
    drawGraph(paint, area, history, Math.max(leastScale, highest), style);
  });
}

export function drawInterfaces(paint: Paint, inside: Rectangle, snapshot: Snapshot): void {
  const { styles } = paint;
  const shown = shownInterfaces(snapshot.interfaces);
  const room = shown.length > inside.height ? inside.height - 1 : inside.height;
  const nameWidth = inside.width - 2 - 26;
  shown.slice(0, room).forEach((one, i) => {
    const y = inside.y + i;
    paint.buffer.text(inside.x + 1, y, one.name, styles.text, nameWidth);
    drawArrowRate(paint, inside.x + 1 + nameWidth, y, "↓", one.rxRate, styles.receive);
    drawArrowRate(paint, inside.x + 1 + nameWidth + 13, y, "↑", one.txRate, styles.transmit);
  });
  if (shown.length > room) {
    paint.buffer.text(inside.x + 1, inside.y + room, `+${shown.length - room}`, styles.muted, inside.width - 1);
  }
}

function drawArrowRate(paint: Paint, x: number, y: number, arrow: string, rate: number, style: number): void {
  const { styles, buffer } = paint;
  buffer.text(x + 1, y, arrow, rate > 0 ? style : styles.faint, 1);
  drawRight(paint, x + 2, y, 11, formatRate(rate), rate > 0 ? magnitudeStyle(rate, styles) : styles.faint);
}

export function drawTotals(paint: Paint, inside: Rectangle, snapshot: Snapshot): void {
  const { styles, messages } = paint;
  const { totals } = snapshot;
  const half = (inside.width - 2) >> 1;
  const count = (label: string, value: number): string => formatCountWithin(value, half - textWidth(label) - 2);
  const cells: readonly (readonly [label: string, value: string, style: number])[] = [
    ["↓", formatBytes(totals.rxBytes), magnitudeStyle(totals.rxBytes, styles)],
    ["↑", formatBytes(totals.txBytes), magnitudeStyle(totals.txBytes, styles)],
    [messages.live, count(messages.live, totals.live), styles.good],
    [messages.closed, count(messages.closed, totals.closed), styles.muted],
    [messages.opened, count(messages.opened, totals.opened), styles.text],
    [messages.ended, count(messages.ended, totals.ended), styles.text],
  ];
  cells.forEach(([label, value, style], i) => {
    const x = inside.x + 1 + (i & 1) * (half + 1);
    const y = inside.y + (i >> 1);
    if (y >= inside.y + inside.height) return;
    const arrow = label === "↓" ? styles.receive : label === "↑" ? styles.transmit : styles.muted;
    const after = paint.buffer.text(x, y, label, arrow, half);
    drawRight(paint, after + 1, y, Math.max(0, x + half - after - 2), value, style);
  });
  const packets = formatCount(totals.rxPackets + totals.txPackets);
  if (inside.height > 3) {
    const after = paint.buffer.text(inside.x + 1, inside.y + 3, messages.packets, styles.muted, inside.width - 2);
    drawRight(paint, after + 1, inside.y + 3, Math.max(0, inside.x + inside.width - 2 - after), packets, styles.text);
  }
}

/** One line for small screens: rates with sparklines, counts, totals. */
export function drawTrafficLine(paint: Paint, y: number, width: number, snapshot: Snapshot): void {
  const { styles, messages } = paint;
  const { totals, rateHistory } = snapshot;
  const right: Span[][] = [
    [
      [formatCount(totals.live), styles.good],
      [` ${messages.live}`, styles.muted],
    ],
    [
      [formatCount(totals.closed), styles.text],
      [` ${messages.closed}`, styles.muted],
    ],
    [
      ["Σ ", styles.muted],
      ["↓", styles.receive],
      [formatBytes(totals.rxBytes), styles.text],
      [" ↑", styles.transmit],
      [formatBytes(totals.txBytes), styles.text],
    ],
  ];
  const shown = fitting(right, [2, 1, 0], width - 2 - 30);
  const rightWidth = shown.length === 0 ? 0 : joinedWidth(shown, 2) + 2;
  let at = width - rightWidth + 1;
  for (const part of shown) at = drawSpans(paint, at, y, width, part) + 2;
  const half = (width - 1 - rightWidth) >> 1;
  const sparkWidth = Math.max(0, half - 15);
  const draw = (x: number, arrow: string, rate: number, history: readonly number[], style: number): void => {
    drawArrowRate(paint, x - 1, y, arrow, rate, style);
    if (sparkWidth < 3) return;
    const area = { x: x + 13, y, width: sparkWidth, height: 1 };
    drawGraph(paint, area, history, Math.max(leastScale, peak(history, sparkWidth)), style);
  };
  draw(1, "↓", totals.rxRate, rateHistory.rx, styles.receive);
  draw(1 + half, "↑", totals.txRate, rateHistory.tx, styles.transmit);
}

/** One line of interfaces for small screens. */
export function drawInterfaceLine(paint: Paint, y: number, width: number, snapshot: Snapshot): void {
  const { styles } = paint;
  const shown = shownInterfaces(snapshot.interfaces);
  let x = 1;
  for (const one of shown) {
    const name = one.name.length > 12 ? `${one.name.slice(0, 11)}…` : one.name;
    const spans: Span[] = [
      [name, styles.text],
      [" ↓", one.rxRate > 0 ? styles.receive : styles.faint],
      [formatRate(one.rxRate), one.rxRate > 0 ? magnitudeStyle(one.rxRate, styles) : styles.faint],
      [" ↑", one.txRate > 0 ? styles.transmit : styles.faint],
      [formatRate(one.txRate), one.txRate > 0 ? magnitudeStyle(one.txRate, styles) : styles.faint],
    ];
    if (x + spansWidth(spans) > width - 1) break;
    x = drawSpans(paint, x, y, width, spans) + 3;
  }
}
