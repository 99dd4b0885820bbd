import type { Snapshot } from "../model/index.ts";
import type { DashboardSums, Share } from "./dashboard-sums.ts";
import { formatBytes, formatCount, formatMilliseconds, formatRate, magnitudeStyle } from "./format.ts";
import type { LossHistory } from "./loss-history.ts";
import { fill, type Messages } from "./messages.ts";
import { drawCounted } from "./overview-sidebar.ts";
import { drawInterfaces } from "./widgets/header.ts";
import { drawGraph, drawRight, drawSpans, type Paint, type Rectangle, type Span } from "./widgets/paint.ts";

/** A card narrower or lower than this says nothing. */
const leastWidth = 36;
const leastHeight = 4;
const rateWidth = 11;

export interface Card {
  readonly title: (messages: Messages) => string;
  /** Lines that it makes good use of, borders included. */
  readonly wants: number;
  /** It is a list, which more room makes longer. */
  readonly grows?: true;
  readonly draw: (paint: Paint, inside: Rectangle, snapshot: Snapshot, sums: DashboardSums) => void;
}

interface Placed extends Rectangle {
  readonly card: Card;
}

/** As many pages of cards as it takes to show all of them in `place`; at least one. */
export function arrangePages(cards: readonly Card[], place: Rectangle): Placed[][] {
  const pages: Placed[][] = [];
  let left = cards;
  do {
    const page = arrange(left, place);
    pages.push(page);
    const shown = new Set(page.map(({ card }) => card));
    if (shown.size === 0) break;
    left = left.filter((card) => !shown.has(card));
  } while (left.length > 0);
  return pages;
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

/** A list of shares with bars of their rates, or of their bytes while nothing moves; `empty` says why there is none. */
export function drawShares(
  paint: Paint,
  inside: Rectangle,
  list: readonly Share[],
  style: number,
  empty: readonly string[] = [paint.messages.noRows],
): void {
  const { buffer, styles } = paint;
  if (list.length === 0) {
    empty.slice(0, inside.height).forEach((text, i) => {
      buffer.text(inside.x + 1, inside.y + i, text, styles.muted, inside.width - 2);
    });
    return;
  }
  const names = Math.max(8, Math.min(24, inside.width - rateWidth - 8));
  const bars = Math.max(0, inside.width - 2 - names - 1 - rateWidth - 1);
  const highest = list[0]!.rate;
  for (let i = 0; i < inside.height; i++) {
    const one = list[i];
    if (one === undefined) break;
    const y = inside.y + i;
    const place = { x: inside.x + 1, y, width: names, height: 1 };
    drawCounted(paint, place, one.name, one.count, one.rate > 0 ? style : styles.muted);
    if (bars > 0 && one.rate > 0) {
      const length = Math.max(1, Math.round((one.rate / highest) * bars));
      buffer.fill(inside.x + 2 + names, y, length, 1, 0x2501, styles.accent);
    }
    const text = one.rate > 0 ? formatRate(one.rate) : formatBytes(one.bytes);
    const look = one.rate > 0 ? magnitudeStyle(one.rate, styles) : styles.faint;
    drawRight(paint, inside.x + inside.width - 1 - rateWidth, y, rateWidth, text, look);
  }
}

export function drawStates(paint: Paint, inside: Rectangle, { states }: DashboardSums): void {
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

/** A count a second and in all, with its history beside it, in one line. */
export function drawPace(
  paint: Paint,
  inside: Rectangle,
  y: number,
  label: string,
  total: Span,
  history: readonly number[],
  style: number,
): void {
  if (y >= inside.y + inside.height) return;
  const { styles } = paint;
  const end = inside.x + inside.width - 1;
  const pace = history.at(-1) ?? 0;
  drawSpans(paint, inside.x + 1, y, end, [
    [`${label} `, styles.muted],
    [`${pace.toFixed(1)}/s`, pace > 0 ? style : styles.text],
    [" · ", styles.muted],
    total,
  ]);
  const x = inside.x + 28;
  if (end - x > 4) drawGraph(paint, { x, y, width: end - x, height: 1 }, history, Math.max(1, ...history), style);
}

/** Round trips, and what was sent again or lost: now, over time, and of all connections that are there. */
export function drawQuality(paint: Paint, inside: Rectangle, sums: DashboardSums, history: LossHistory): void {
  const { styles, messages } = paint;
  const end = inside.x + inside.width - 1;
  drawSpans(paint, inside.x + 1, inside.y, end, [
    [`${messages.columnRtt} `, styles.muted],
    [sums.rtt === undefined ? "–" : formatMilliseconds(sums.rtt), styles.text],
    [` ${messages.median}`, styles.faint],
  ]);
  const total = (count: number): Span => [formatCount(count), count > 0 ? styles.warning : styles.good];
  drawPace(
    paint,
    inside,
    inside.y + 1,
    messages.retransmits,
    total(sums.retransmits),
    history.retransmits,
    styles.warning,
  );
  drawPace(paint, inside, inside.y + 2, messages.lost, total(sums.lost), history.lost, styles.critical);
  if (inside.height < 4 || sums.segments === 0) return;
  const share = (100 * Math.max(sums.retransmits, sums.lost)) / sums.segments;
  const text = share === 0 ? "0 %" : share < 0.01 ? "< 0.01 %" : `${share.toFixed(2)} %`;
  drawSpans(paint, inside.x + 1, inside.y + 3, end, [
    [text, share >= 1 ? styles.warning : styles.text],
    [` ${fill(messages.ofSegments, { count: formatCount(sums.segments) })}`, styles.muted],
  ]);
}

/** Rates of the interfaces, and below them what went wrong on any. */
export function drawInterfaceCard(paint: Paint, inside: Rectangle, snapshot: Snapshot): void {
  const { styles, messages } = paint;
  const troubles = inside.height >= 3 ? 1 : 0;
  drawInterfaces(paint, { ...inside, height: inside.height - troubles }, snapshot);
  if (troubles === 0) return;
  let [errors, drops] = [0, 0];
  for (const one of snapshot.interfaces) {
    errors += one.rxErrors + one.txErrors;
    drops += one.rxDropped + one.txDropped;
  }
  const count = (name: string, value: number): Span[] => [
    [`${name} `, styles.muted],
    [`${formatCount(value)}  `, value > 0 ? styles.warning : styles.good],
  ];
  drawSpans(paint, inside.x + 1, inside.y + inside.height - 1, inside.x + inside.width - 1, [
    ...count(messages.networkErrors, errors),
    ...count(messages.networkDrops, drops),
  ]);
}
