import type { ConnectionHistory } from "../connection-history.ts";
import type { GraphName } from "../detail-field.ts";
import { graphRows, valueRoom, type CardLine, type CardsLayout, type PlacedCard } from "../detail-layout.ts";
import { formatAge, formatMilliseconds, formatRate } from "../format.ts";
import { textWidth } from "../glyphs.ts";
import { fill } from "../messages.ts";
import type { Role } from "../theme.ts";
import { drawGraphRow, drawRule, drawScrollbar, type Paint, type Rectangle } from "./paint.ts";

export interface CardsState {
  /** The field under the cursor. */
  readonly cursor: number;
  /** The page's row that is at the top. */
  readonly scroll: number;
  readonly history: ConnectionHistory;
}

const graphRoles: Readonly<Record<GraphName, Role>> = { rtt: "accent", received: "receive", sent: "transmit" };

/** What of the cards is in sight; each field is a hit of kind "field". Nothing is drawn outside of `place`. */
export function drawCards(paint: Paint, place: Rectangle, layout: CardsLayout, state: CardsState): void {
  const end = state.scroll + place.height;
  for (const card of layout.cards) {
    if (card.y >= end || card.y + card.height <= state.scroll) continue;
    const first = Math.max(card.y, state.scroll);
    const last = Math.min(card.y + card.height, end) - 1;
    for (let row = first; row <= last; row++) drawCardRow(paint, place, card, row - card.y, state);
  }
  drawScrollbar(paint, place.x + place.width - 1, place.y, place.height, state.scroll, layout.height);
}

function drawCardRow(paint: Paint, place: Rectangle, card: PlacedCard, row: number, state: CardsState): void {
  const { buffer, styles } = paint;
  const x = place.x + card.x;
  const y = place.y + card.y + row - state.scroll;
  const end = x + card.width - 1;
  const isTop = row === 0;
  if (isTop || row === card.height - 1) {
    drawRule(paint, x, y, card.width, isTop ? [[card.title, styles.title]] : []);
    buffer.put(x, y, isTop ? 0x256d : 0x2570, styles.border);
    buffer.put(end, y, isTop ? 0x256e : 0x256f, styles.border);
    return;
  }
  buffer.put(x, y, 0x2502, styles.border);
  buffer.put(end, y, 0x2502, styles.border);
  const line = card.lines[row - 1];
  if (line === undefined) return;
  drawLine(paint, { x: x + 2, y, width: card.width - 4, height: 1 }, card.labels, line, state.history);
  const [left, width] = [x + 1, card.width - 2];
  paint.hits.push({ x: left, y, width, height: 1, target: { kind: "field", index: line.field } });
  if (line.field !== state.cursor) return;
  buffer.restyle(left, y, width, (style) => paint.table.over(style, styles.selection));
}

function drawLine(paint: Paint, inside: Rectangle, labels: number, line: CardLine, history: ConnectionHistory): void {
  const { buffer, styles } = paint;
  const { of } = line;
  const { y } = inside;
  const room = Math.min(inside.width, valueRoom(of, inside.width, labels));
  const end = inside.x + inside.width;
  const x = end - room;
  if (line.isFirst) {
    if (of.label !== "") buffer.text(inside.x, y, of.label, styles.muted, Math.min(labels - 1, inside.width), "middle");
    else if (of.lead !== undefined) buffer.text(inside.x, y, of.lead, styles.border, inside.width - room, "none");
  }
  if (line.graph !== undefined && of.graph !== undefined) {
    const values = history.values(of.graph, room);
    const place = { x, y: y - line.graph, width: room, height: graphRows };
    drawGraphRow(paint, place, line.graph, values, highestOf(values), styles[graphRoles[of.graph]]);
    return;
  }
  const style = styles[of.role ?? "text"];
  let at = x;
  if (line.short === true) at = buffer.text(x, y, of.value, style, room);
  else if (line.value !== undefined) at = buffer.line(x, y, line.value, style);
  if (line.note === true && of.note !== undefined) drawNote(paint, at, y, end, at > x ? `  ${of.note}` : of.note);
  if (line.short === true && of.graph !== undefined) drawScale(paint, of.graph, history, at, y, end, room);
}

function drawNote(paint: Paint, x: number, y: number, end: number, note: string): void {
  if (end - x >= 4) paint.buffer.text(x, y, note, paint.styles.muted, end - x);
}

/** How high a graph is, and how long it has been drawn for; left out where there is no room. */
function drawScale(
  { buffer, styles, messages }: Paint,
  graph: GraphName,
  history: ConnectionHistory,
  x: number,
  y: number,
  end: number,
  room: number,
): void {
  const highest = highestOf(history.values(graph, room));
  if (history.span === 0 || highest === 0) return;
  // Without the time that it is of, a peak says nothing; the graph shows the same time.
  const rate = graph === "rtt" ? formatMilliseconds(highest) : formatRate(Math.max(highest, history.peak(graph)));
  const text = `${fill(messages.peak, { rate })} · ${formatAge(history.span)}`;
  const start = end - textWidth(text);
  if (start >= x + 2) buffer.text(start, y, text, styles.faint);
}

/** The value that fills the graph; 0: there is nothing in it. */
const highestOf = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);
