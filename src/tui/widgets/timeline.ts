import { formatClock, formatCount } from "../format.ts";
import type { Messages } from "../messages.ts";
import type { PlaybackState, RateCells } from "../playback.ts";
import { drawSpans, spansWidth, type Paint, type Span } from "./paint.ts";

/** Fewer cells than this show no course of anything. */
const leastBar = 8;
const blocks = [0x2581, 0x2581, 0x2582, 0x2583, 0x2584, 0x2585, 0x2586, 0x2587, 0x2588];
const notCounted = 0xb7;

/** "12:03:04.250" */
const formatMoment = (time: number): string =>
  `${formatClock(time)}.${String(Math.floor(((time % 1000) + 1000) % 1000)).padStart(3, "0")}`;

/** "0.25x", "max" */
const formatSpeed = (speed: number, messages: Messages): string =>
  speed === Infinity ? messages.speedMax : `${speed}x`;

/** Mean bytes of the rate's cells for each of `width` columns that share `length` milliseconds. */
function columnsOf({ bytes, width }: RateCells, length: number, columns: number): Float64Array {
  const out = new Float64Array(columns);
  const span = length / columns / width;
  if (!(span > 0)) {
    // A file without length: everything came at once.
    out[0] = bytes[0] ?? 0;
    return out;
  }
  for (let column = 0; column < columns; column++) {
    const [from, to] = [column * span, (column + 1) * span];
    let sum = 0;
    for (let cell = Math.floor(from); cell < to && cell < bytes.length; cell++) {
      sum += bytes[cell]! * (Math.min(to, cell + 1) - Math.max(from, cell));
    }
    out[column] = sum;
  }
  return out;
}

/** The rate over the file, with the place where it stands. */
function drawBar(paint: Paint, x: number, y: number, width: number, state: PlaybackState): void {
  const { buffer, styles, table } = paint;
  const { rate, length, position, isCounted } = state;
  const columns = columnsOf(rate, length, width);
  const highest = columns.reduce((most, one) => Math.max(most, one), 0);
  const counted = isCounted ? width : columns.findLastIndex((one) => one > 0) + 1;
  const cursor = length > 0 ? Math.min(width - 1, Math.floor((position / length) * width)) : 0;
  for (let column = 0; column < width; column++) {
    const value = columns[column]!;
    const level = highest > 0 ? Math.max(value > 0 ? 1 : 0, Math.round((value / highest) * 8)) : 0;
    const glyph = level === 0 && column >= counted ? notCounted : blocks[level]!;
    const style = level === 0 ? styles.faint : column < cursor ? styles.receive : styles.muted;
    buffer.put(x + column, y, glyph, column === cursor ? table.over(styles.accent, styles.cursor) : style);
  }
  paint.hits.push({ x, y, width, height: 1, target: { kind: "timeline", x, width } });
}

/** What it does, how fast, and how far a seek is. */
function statusSpans({ messages, styles }: Paint, state: PlaybackState): Span[] {
  const { playing, ended, seeking, speed, loops } = state;
  const done: Span =
    seeking !== undefined
      ? [`» ${Math.floor(seeking * 100)} %`, styles.warning]
      : playing
        ? ["►", styles.good]
        : [ended ? "■" : "║", styles.warning];
  const spans: Span[] = [done, [` ${formatSpeed(speed, messages)}`, styles.text]];
  if (loops) spans.push([" ∞", styles.accent]);
  return spans;
}

/** The line of a replay: state, speed, place, and the rate over the whole file. What finds no room is left out. */
export function drawTimeline(paint: Paint, y: number, width: number, state: PlaybackState): void {
  const { styles, hits } = paint;
  const { clock, begin, length, packets, totalPackets } = state;
  let room = width - 2;
  const status = statusSpans(paint, state);
  const statusWidth = spansWidth(status);
  room -= statusWidth + 1 + leastBar;
  const fit = (spans: Span[]): Span[] => {
    const needed = spansWidth(spans) + 1;
    if (spans.length === 0 || needed > room) return [];
    room -= needed;
    return spans;
  };
  const place = fit(clock === undefined ? [] : [[formatMoment(clock), styles.text]]);
  const first = place.length > 0 ? place : fit(clock === undefined ? [] : [[formatClock(clock), styles.text]]);
  // A short bar says more than the times of its ends.
  room -= leastBar;
  const ends = begin === undefined ? [] : [formatClock(begin), formatClock(begin + length)];
  const times = fit(ends.map((text): Span => [text, styles.muted]));
  const total = formatCount(totalPackets);
  // As wide as it will ever be: what stands behind must not move while it plays.
  const count = fit([[`#${formatCount(packets)}`.padStart(total.length + 1), styles.text]]);
  room -= leastBar;
  const rest = count.length > 0 && total.length < room ? [[`/${total}`, styles.muted] as const] : [];
  let x = drawSpans(paint, 1, y, width, status);
  hits.push({ x: 1, y, width: statusWidth, height: 1, target: { kind: "command", command: "playPause" } });
  for (const spans of [first, [...count, ...rest], times.slice(0, 1)]) {
    if (spans.length > 0) x = drawSpans(paint, x + 1, y, width, spans);
  }
  const end = width - 1 - (times.length === 0 ? 0 : spansWidth(times.slice(1)) + 1);
  const bar = end - x - 1;
  if (bar >= 1) drawBar(paint, x + 1, y, bar, state);
  drawSpans(paint, end + 1, y, width, times.slice(1));
}
