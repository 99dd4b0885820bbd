import type { DetailCard, DetailField } from "./detail-field.ts";
import { textWidth, wrapLine, type GlyphLine } from "./glyphs.ts";

/** Rows of a field's graph. */
export const graphRows = 2;

/** Widths from which there are two columns, and three. */
const columnsFrom = [100, 180] as const;
/** Borders and the space beside them. */
const frame = 4;
/** Labels take at most this share of a card in which not all has room. */
const labelShare = 0.38;
/** Cells that are enough for a value of one line. */
const shortRoom = 26;

/** One row of a card's inside. */
export interface CardLine {
  /** Place of its field among those of all cards. */
  readonly field: number;
  readonly of: DetailField;
  /** The field's first row: it has the label and the lead. */
  readonly isFirst: boolean;
  /** A piece of the value; absent in the rows of a graph, and where only a note stands. */
  readonly value?: GlyphLine;
  /** The whole value, to be shortened to the row. */
  readonly short?: boolean;
  readonly note?: boolean;
  /** Row of the field's graph, from above. */
  readonly graph?: number;
}

/** A card in its place on a page that may be higher than the screen. Lengths in cells. */
export interface PlacedCard {
  readonly title: string;
  readonly column: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly labels: number;
  readonly lines: readonly CardLine[];
}

/** Where a field is on the page. */
export interface PlacedField {
  readonly of: DetailField;
  readonly card: number;
  readonly column: number;
  readonly top: number;
  readonly height: number;
}

export interface CardsLayout {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly cards: readonly PlacedCard[];
  /** In reading order: card by card. */
  readonly fields: readonly PlacedField[];
}

export const columnsOf = (width: number): number => 1 + columnsFrom.filter((from) => width >= from).length;

/**
 * Lays cards out on a page of `width` cells, each below the column that is shortest so far: the first ones stand at the top
 * from left to right, and none waits for a higher neighbour.
 */
export function layoutCards(cards: readonly DetailCard[], width: number): CardsLayout {
  const columns = columnsOf(width);
  const used = Array.from({ length: columns }, () => 0);
  const placed: PlacedCard[] = [];
  const fields: PlacedField[] = [];
  for (const card of cards) {
    const column = used.indexOf(Math.min(...used));
    const x = Math.floor((width * column) / columns);
    const own = Math.floor((width * (column + 1)) / columns) - x;
    const y = used[column]!;
    const labels = labelWidth(card, own);
    const lines: CardLine[] = [];
    for (const field of card.fields) {
      const top = lines.length;
      addLines(lines, field, fields.length, own - frame, labels);
      fields.push({ of: field, card: placed.length, column, top: y + 1 + top, height: lines.length - top });
    }
    placed.push({ title: card.title, column, x, y, width: own, height: lines.length + 2, labels, lines });
    used[column] = y + lines.length + 2;
  }
  return { width, height: Math.max(...used), columns, cards: placed, fields };
}

/** Cells of the labels with the space behind them: all that they need where the values have room beside them, else a share. */
function labelWidth({ fields }: DetailCard, width: number): number {
  const inside = width - frame;
  let [labels, values] = [0, 0];
  for (const { label, value, note, short } of fields) {
    if (label === "") continue;
    labels = Math.max(labels, textWidth(label) + 1);
    const needed = textWidth(value) + (note === undefined ? 0 : 2 + textWidth(note));
    // What changes with every tick may not move the others.
    values = Math.max(values, short === true ? shortRoom : needed);
  }
  if (labels === 0 || labels + values <= inside) return Math.min(labels, Math.max(0, inside - 1));
  return Math.min(labels, Math.max(2, Math.floor(inside * labelShare)));
}

/** Cells that a field's value has. */
export const valueRoom = (field: DetailField, inside: number, labels: number): number =>
  Math.max(1, inside - (field.label === "" ? textWidth(field.lead ?? "") : labels));

function addLines(lines: CardLine[], of: DetailField, field: number, inside: number, labels: number): void {
  const room = valueRoom(of, inside, labels);
  // One cell has no room for wide characters: the value is cut.
  if (of.short === true || room < 2) {
    lines.push({ field, of, isFirst: true, short: true, note: of.note !== undefined });
  } else {
    const values = wrapLine(of.value, room);
    const last = values.at(-1)?.width ?? 0;
    const fits = of.note !== undefined && last + 3 + textWidth(of.note) <= room;
    values.forEach((value, index) => {
      lines.push({ field, of, isFirst: index === 0, value, note: fits && index === values.length - 1 });
    });
    if (of.note !== undefined && !fits) lines.push({ field, of, isFirst: false, note: true });
  }
  if (of.graph === undefined) return;
  for (let graph = 0; graph < graphRows; graph++) lines.push({ field, of, isFirst: false, graph });
}

/** The field `by` fields below in the column of `from`, or above where `by` is negative; the last one at most. */
export function fieldBelow(layout: CardsLayout, from: number, by: number): number {
  const column = layout.fields[from]?.column;
  const own = layout.fields.flatMap((field, index) => (field.column === column ? [index] : []));
  const at = own.indexOf(from);
  return own[Math.max(0, Math.min(own.length - 1, at + by))] ?? from;
}

/** The field about `rows` rows below, or above; another one than `from` where there is one. */
export function fieldPage(layout: CardsLayout, from: number, rows: number): number {
  const start = layout.fields[from];
  if (start === undefined) return from;
  const step = Math.sign(rows);
  let at = from;
  for (;;) {
    const next = fieldBelow(layout, at, step);
    const way = Math.abs((layout.fields[next]?.top ?? 0) - start.top);
    if (next === at || (way > Math.abs(rows) && at !== from)) return at;
    at = next;
  }
}

/** The field beside `from` in the next column (`by` 1) or the one before (-1); in one column the first of the next card. */
export function fieldBeside(layout: CardsLayout, from: number, by: 1 | -1): number {
  const start = layout.fields[from];
  if (start === undefined) return from;
  if (layout.columns === 1) {
    const card = layout.fields.findIndex((field) => field.card === start.card + by);
    return card < 0 ? from : card;
  }
  let best = from;
  let least = Infinity;
  layout.fields.forEach(({ column, top }, index) => {
    const far = Math.abs(top - start.top);
    if (column !== start.column + by || far >= least) return;
    [best, least] = [index, far];
  });
  return best;
}

/** The scroll position, nearest to `scroll`, that shows the field; its card's title comes along with a first field. */
export function scrollTo(layout: CardsLayout, field: number, scroll: number, height: number): number {
  const placed = layout.fields[field];
  if (placed === undefined) return clampScroll(layout, scroll, height);
  const card = layout.cards[placed.card];
  let [top, bottom] = [placed.top, placed.top + placed.height];
  if (bottom - top + 2 <= height && card !== undefined) {
    if (top === card.y + 1) top--;
    if (bottom === card.y + card.height - 1) bottom++;
  }
  return clampScroll(layout, Math.min(Math.max(scroll, bottom - height), top), height);
}

export const clampScroll = (layout: CardsLayout, scroll: number, height: number): number =>
  Math.max(0, Math.min(scroll, layout.height - height));
