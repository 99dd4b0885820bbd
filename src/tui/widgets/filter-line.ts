import type { FilterLine, Popup } from "../filter-line.ts";
import { formatCount } from "../format.ts";
import { textWidth } from "../glyphs.ts";
import { keyLabel } from "../keys.ts";
import { fill } from "../messages.ts";
import { offerText } from "../query-words.ts";
import { drawBox, drawScrollbar, drawSpans, spansWidth, type Paint, type Rectangle, type Span } from "./paint.ts";

/** How many rows match of how many could. */
export interface Matches {
  readonly matched: number;
  readonly candidates: number;
}

/** Where the input begins, after the name of the line. */
const inputStart = (paint: Paint): number => 1 + textWidth(paint.messages.filter) + 3;

function statusSpans(paint: Paint, filter: FilterLine, { matched, candidates }: Matches): Span[] {
  const { messages, styles } = paint;
  const problem = filter.problemText(messages, paint.queryWords);
  if (problem !== undefined) return [[problem, styles.error]];
  const values = { matched: formatCount(matched), count: formatCount(candidates) };
  return [
    [fill(messages.matches, values), styles.muted],
    [`  ${keyLabel("enter")}`, styles.keyName],
    [` ${messages.hintApply}`, styles.keyLabel],
    [`  ${keyLabel("escape")}`, styles.keyName],
    [` ${messages.hintCancel}`, styles.keyLabel],
  ];
}

/** The line in which a filter is typed; what is wrong in it is underlined, and said at the right. */
export function drawFilterLine(paint: Paint, y: number, width: number, filter: FilterLine, matches: Matches): void {
  const { editor, problem } = filter;
  if (editor === undefined) return;
  const { styles, buffer, messages } = paint;
  const right = statusSpans(paint, filter, matches);
  const start = drawSpans(paint, 1, y, width, [
    [`${messages.filter} `, styles.keyName],
    ["/ ", styles.muted],
  ]);
  const needed = spansWidth(right) + 2;
  const { text, cursor } = editor;
  // What is typed has what it needs up to two thirds; what is said of it has the rest.
  const wanted = Math.max(24, Math.min(textWidth(text) + 3, Math.floor(((width - start) * 2) / 3)));
  const room = Math.max(4, width - start - 1 - Math.min(needed, Math.max(0, width - start - wanted)));
  const first = firstVisible(text, cursor, room);
  const wrong =
    problem === undefined ? undefined : { from: problem.position, to: problem.position + Math.max(1, problem.length) };
  const underlined = paint.table.define({ underline: true });
  let x = start;
  // One character past the text: the cursor's place at the end, which may be what is wrong too.
  for (let at = first; at <= text.length && x < start + room;) {
    const character = at < text.length ? String.fromCodePoint(text.codePointAt(at) ?? 0x20) : " ";
    let style = styles.input;
    if (wrong !== undefined && at >= wrong.from && at < wrong.to) style = paint.table.over(styles.error, underlined);
    if (at === cursor) style = paint.table.over(style, styles.cursor);
    else if (at === text.length && style === styles.input) break;
    x = buffer.text(x, y, character, style, start + room - x, "none");
    at += character.length;
  }
  drawSpans(paint, Math.max(start + room + 1, width - 1 - spansWidth(right)), y, width - 1, right);
}

/** The end of what stands before the cursor is what must be seen. */
function firstVisible(text: string, cursor: number, room: number): number {
  let first = 0;
  while (first < cursor && textWidth(text.slice(first, cursor)) > room - 2) {
    first += (text.codePointAt(first) ?? 0) > 0xffff ? 2 : 1;
  }
  return first;
}

const mostShown = 8;

/** What completion offers, above the line: `place` is what lies there. */
export function drawPopup(paint: Paint, place: Rectangle, popup: Popup): void {
  const { buffer, styles, hits, table } = paint;
  const { items, start } = popup.completions;
  const height = Math.min(mostShown, items.length, place.height - 2);
  if (height <= 0 || place.width < 12) return;
  const names = Math.min(32, Math.max(...items.map(({ text }) => textWidth(text))) + 2);
  const summaries = Math.max(...items.map((item) => textWidth(offerText(item, paint.queryWords))));
  const outside = Math.min(place.width, names + summaries + 4, 80);
  const at = inputStart(paint) + textWidth(popup.typed.slice(0, start)) - 2;
  const left = place.x + Math.max(0, Math.min(at, place.width - outside));
  const top = place.y + place.height - height - 2;
  buffer.fill(left, top, outside, height + 2, 0x20, styles.text);
  const { x, y, width } = drawBox(paint, { x: left, y: top, width: outside, height: height + 2 }, []);
  const first = Math.max(0, Math.min(popup.chosen - (height >> 1), items.length - height));
  for (let i = 0; i < height; i++) {
    const item = items[first + i];
    if (item === undefined) break;
    buffer.text(x + 1, y + i, item.text, styles.keyName, Math.min(names - 1, width - 1));
    buffer.text(x + 1 + names, y + i, offerText(item, paint.queryWords), styles.muted, width - 1 - names);
    if (first + i === popup.chosen) {
      buffer.restyle(x, y + i, width, (style) => table.over(style, styles.selection));
    }
    hits.push({ x, y: y + i, width, height: 1, target: { kind: "completion", index: first + i } });
  }
  drawScrollbar(paint, x + width, y, height, first, items.length);
}
