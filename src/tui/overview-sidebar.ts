import type { Connection, Snapshot } from "../model/index.ts";
import {
  formatBytes,
  formatCount,
  formatCountWithin,
  formatMilliseconds,
  formatRate,
  magnitudeStyle,
} from "./format.ts";
import { processKey } from "./grouping.ts";
import { fill } from "./messages.ts";
import type { OwnCost } from "./own-cost.ts";
import { drawInterfaces, drawTotals, drawTraffic, levelNames, lossTexts } from "./widgets/header.ts";
import { drawBox, drawRight, drawSpans, type Paint, type Rectangle, type Span } from "./widgets/paint.ts";

/** Narrower screens have no room for it beside the table. */
export const sidebarFrom = { columns: 160, rows: 24 } as const;
export const sidebarWidth = 44;

/** What the processes of one name do now: mean over ten seconds, so that the list stands still enough to be read. */
interface Talker {
  readonly name: string;
  rate: number;
  /** How many processes those are. */
  processes: number;
}

/** The processes by their rates and names, the highest first; reads every row, makes nothing for the quiet ones. */
function topTalkers(connections: readonly Connection[], unknown: string): Talker[] {
  const found = new Map<string, { readonly name: string; rate: number }>();
  for (const row of connections) {
    const rate = row.rxRate10 + row.txRate10;
    // What is inside a tunnel is counted by the flow around it.
    if (!(rate > 0) || row.tunnel !== undefined) continue;
    const key = row.process === undefined ? "" : processKey(row.process);
    const known = found.get(key);
    if (known === undefined) found.set(key, { name: row.process?.name ?? unknown, rate });
    else known.rate += rate;
  }
  const named = new Map<string, Talker>();
  for (const { name, rate } of found.values()) {
    const known = named.get(name);
    if (known === undefined) named.set(name, { name, rate, processes: 1 });
    else {
      known.rate += rate;
      known.processes++;
    }
  }
  return [...named.values()].sort((a, b) => b.rate - a.rate || (a.name < b.name ? -1 : 1));
}

/** What was found of a table last, and in which state: a key that changes nothing of it draws it as it was. */
interface KnownTalkers {
  readonly time: number;
  readonly tick: number;
  readonly unknown: string;
  readonly talkers: readonly Talker[];
}

const known = new WeakMap<readonly Connection[], KnownTalkers>();

function talkersOf({ connections, time, tick }: Snapshot, unknown: string): readonly Talker[] {
  const last = known.get(connections);
  if (last?.time === time && last.tick === tick && last.unknown === unknown) return last.talkers;
  const talkers = topTalkers(connections, unknown);
  known.set(connections, { time, tick, unknown, talkers });
  return talkers;
}

/** Heights of the boxes from above; the talkers get what is left. */
const trafficHeight = 6;
const totalsHeight = 6;
const healthHeight = 7;

/** Beside the table: traffic, interfaces, totals, top talkers, and how well Socklens itself does. */
export function drawSidebar(paint: Paint, place: Rectangle, snapshot: Snapshot, interval: number, cost: OwnCost): void {
  const { messages, styles } = paint;
  const { x, width } = place;
  const end = place.y + place.height;
  let { y } = place;
  const box = (height: number, title: string): Rectangle => {
    const inside = drawBox(paint, { x, y, width, height }, [[title, styles.heading]]);
    y += height;
    return inside;
  };
  drawTraffic(paint, box(trafficHeight, messages.panelTraffic), snapshot);
  const spare = place.height - trafficHeight - totalsHeight - healthHeight;
  const interfaces = Math.min(snapshot.interfaces.length, Math.max(1, (spare >> 1) - 2));
  drawInterfaces(paint, box(interfaces + 2, messages.panelInterfaces), snapshot);
  drawTotals(paint, box(totalsHeight, messages.panelTotals), snapshot);
  const talkers = end - y - healthHeight;
  if (talkers >= 3) drawTalkers(paint, box(talkers, messages.panelTalkers), snapshot);
  if (end - y >= 3) drawHealth(paint, box(end - y, messages.panelHealth), snapshot, interval, cost);
}

/** A name, and behind it how many bear it where that is more than one. */
export function drawCounted(paint: Paint, place: Rectangle, name: string, count: number, style: number): void {
  const { x, y, width } = place;
  const mark = count > 1 ? ` (${formatCountWithin(count, 5)})` : "";
  const end = paint.buffer.text(x, y, name, style, Math.max(1, width - mark.length), "middle");
  paint.buffer.text(end, y, mark, paint.styles.muted, x + width - end);
}

function drawTalkers(paint: Paint, inside: Rectangle, snapshot: Snapshot): void {
  const { buffer, styles, messages } = paint;
  const talkers = talkersOf(snapshot, messages.unknownProcess).slice(0, inside.height);
  const rateWidth = 11;
  const barWidth = Math.max(0, inside.width - 2 - 16 - rateWidth - 1);
  const highest = talkers[0]?.rate ?? 1;
  talkers.forEach(({ name, rate, processes }, i) => {
    const y = inside.y + i;
    drawCounted(paint, { x: inside.x + 1, y, width: 15, height: 1 }, name, processes, styles.process);
    const bar = Math.max(1, Math.round((rate / highest) * barWidth));
    if (barWidth > 0) buffer.fill(inside.x + 17, y, bar, 1, 0x2501, styles.accent);
    drawRight(
      paint,
      inside.x + inside.width - 1 - rateWidth,
      y,
      rateWidth,
      formatRate(rate),
      magnitudeStyle(rate, styles),
    );
  });
}

export function drawHealth(paint: Paint, inside: Rectangle, snapshot: Snapshot, interval: number, cost: OwnCost): void {
  const { messages, styles } = paint;
  const { level, missing } = snapshot.level;
  const lost = lossTexts(snapshot.losses, messages);
  const lines: Span[][] = [
    [
      [`${messages.healthLevel} `, styles.muted],
      [messages[levelNames[level]], level === "full" ? styles.good : styles.warning],
      [missing.length === 0 ? "" : ` -${missing.length}`, styles.warning],
    ],
    [
      [`${messages.healthTick} `, styles.muted],
      [formatCount(snapshot.tick), styles.text],
      [interval > 0 ? ` · ${formatMilliseconds(interval)}` : "", styles.muted],
    ],
    [[`${messages.lost} `, styles.muted], lost.length === 0 ? ["0", styles.good] : [lost[0] ?? "", styles.error]],
    ...lost.slice(1).map((text): Span[] => [[`  ${text}`, styles.error]]),
  ];
  const { unattributedBytes } = snapshot.losses;
  if (lost.length === 0) {
    const text = fill(messages.lostUnattributed, { bytes: formatBytes(unattributedBytes) });
    lines.push([[text, unattributedBytes > 0 ? styles.warning : styles.muted]]);
  }
  if (cost.cpu !== undefined && cost.memory !== undefined) {
    lines.push([
      [`${messages.healthCpu} `, styles.muted],
      [`${cost.cpu < 0.095 ? cost.cpu.toFixed(2) : cost.cpu.toFixed(1)} %`, styles.text],
      [` · ${messages.healthMemory} `, styles.muted],
      [formatBytes(cost.memory), styles.text],
    ]);
  }
  lines.slice(0, inside.height).forEach((spans, i) => {
    drawSpans(paint, inside.x + 1, inside.y + i, inside.x + inside.width - 1, spans);
  });
}
