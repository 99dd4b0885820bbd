import { formatRate } from "../format.ts";
import { drawRight, type Paint, type Rectangle } from "./paint.ts";

/** One line of a chart. */
export interface ChartLine {
  /** A value for each of the chart's dots from left to right (`dotsOf`); NaN where there is none. */
  readonly values: readonly number[];
  readonly style: number;
  /** A letter that stands along the line, so that lines are told apart without colours; "" for none. */
  readonly marker: string;
}

export interface ChartState {
  readonly lines: readonly ChartLine[];
  readonly logarithmic: boolean;
  /** Texts below the time axis: at which share of the width, from 0 to 1. */
  readonly times: readonly (readonly [share: number, text: string])[];
  /** A dot that is marked by a vertical line; undefined: none. */
  readonly cursor: number | undefined;
}

/** Cells for the axis' rates. */
const axisWidth = 11;
/** The top of the axis while next to nothing moves, bytes a second: below it the marks would be the same numbers. */
const leastMaximum = 100;
/** A logarithmic axis goes over so many powers of ten. */
const decades = 6;
/** Bits of a braille cell's dots (Unicode 16, section 21.1), by row and column. */
const dotBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** Cells from one letter of a line to its next. */
const markerStep = 16;

/** Where the first dot is, from the left edge of the chart. */
export const firstDot = axisWidth + 1;

/** How many values a chart of this width shows: two dots a cell. */
export const dotsOf = (width: number): number => Math.max(0, width - axisWidth - 1) * 2;

/** The next rounder number at or above `value`: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

/** Height of a value as a share of the chart's, from 0 to 1. */
function shareOf(value: number, maximum: number, logarithmic: boolean): number {
  if (value <= 0) return 0;
  if (!logarithmic) return Math.min(1, value / maximum);
  return Math.max(0, Math.min(1, 1 + Math.log10(value / maximum) / decades));
}

/**
 * Lines over time with an axis of rates at the left and of times below. Where lines meet in a cell all their dots are there,
 * in the colour of the later one.
 */
export function drawChart(paint: Paint, place: Rectangle, state: ChartState): void {
  const { buffer, styles } = paint;
  const height = place.height - 1;
  const width = place.width - axisWidth - 1;
  if (height < 2 || width < 2) return;
  const left = place.x + axisWidth + 1;
  const highest = state.lines.reduce((most, { values }) => values.reduce((a, b) => (b > a ? b : a), most), 0);
  const maximum = Math.max(leastMaximum, roundUp(highest));
  const marks = height >= 8 ? 4 : height >= 4 ? 2 : 1;
  buffer.fill(left - 1, place.y, 1, height, 0x2502, styles.border);
  for (let mark = 0; mark <= marks; mark++) {
    const y = place.y + Math.round(((height - 1) * mark) / marks);
    const share = 1 - mark / marks;
    const value = state.logarithmic ? (share === 0 ? 0 : maximum * 10 ** (decades * (share - 1))) : maximum * share;
    drawRight(paint, place.x, y, axisWidth, formatRate(value), styles.muted);
    buffer.put(left - 1, y, 0x2524, styles.border);
    for (let x = left; x < left + width; x += 2) buffer.put(x, y, 0xb7, styles.faint);
  }
  const { cursor } = state;
  if (cursor !== undefined) buffer.fill(left + (cursor >> 1), place.y, 1, height, 0x2502, styles.accent);
  const cells = new Uint8Array(width * height);
  const levelOf = (value: number): number =>
    Math.round((1 - shareOf(value, maximum, state.logarithmic)) * (height * 4 - 1));
  for (const { values, style } of state.lines) {
    let before = -1;
    for (let dot = 0; dot < Math.min(values.length, width * 2); dot++) {
      const value = values[dot]!;
      if (Number.isNaN(value)) {
        before = -1;
        continue;
      }
      const level = levelOf(value);
      // A line goes through all heights between two values.
      const [from, to] = before < 0 ? [level, level] : [Math.min(before, level), Math.max(before, level)];
      for (let row = from; row <= to; row++) {
        const cell = (row >> 2) * width + (dot >> 1);
        cells[cell]! |= dotBits[row & 3]![dot & 1]!;
        buffer.put(left + (dot >> 1), place.y + (row >> 2), 0x2800 | cells[cell]!, style);
      }
      before = level;
    }
  }
  // Letters of different lines stand in different columns, and above all lines.
  state.lines.forEach(({ values, style, marker }, index) => {
    if (marker === "") return;
    const offset = Math.floor((index * markerStep) / state.lines.length);
    for (let cell = width - 1 - offset; cell >= 0; cell -= markerStep) {
      const value = values[cell * 2];
      if (value !== undefined && !Number.isNaN(value))
        buffer.text(left + cell, place.y + (levelOf(value) >> 2), marker, style, 1);
    }
  });
  for (const [share, text] of state.times) {
    const at = left + Math.round(share * (width - 1));
    const start = Math.max(left, Math.min(left + width - text.length, at - (text.length >> 1)));
    buffer.text(start, place.y + height, text, styles.muted, text.length);
  }
}
