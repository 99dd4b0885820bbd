import { drawBox, drawSpans, spansWidth, type Paint, type Rectangle, type Span } from "../widgets/paint.ts";

/** A box in the middle of `place` with room for `width` x `height` cells inside; what lies below answers no more. */
export function drawDialog(
  paint: Paint,
  place: Rectangle,
  width: number,
  height: number,
  title: string,
): { box: Rectangle; inside: Rectangle } {
  const { buffer, styles, hits } = paint;
  const box = { x: 0, y: 0, width: Math.min(place.width, width + 4), height: Math.min(place.height, height + 2) };
  box.x = place.x + ((place.width - box.width) >> 1);
  box.y = place.y + ((place.height - box.height) >> 1);
  buffer.fill(box.x, box.y, box.width, box.height, 0x20, styles.text);
  hits.push({ ...box, target: { kind: "inside" } });
  const { x, y, width: room, height: rows } = drawBox(paint, box, [[title, styles.title]]);
  return { box, inside: { x: x + 1, y, width: Math.max(0, room - 2), height: rows } };
}

/** What a button says, and its key's label. */
export interface Button {
  readonly label: string;
  readonly key: string;
}

const buttonSpans = (paint: Paint, { key, label }: Button): Span[] => [
  [key, paint.styles.keyName],
  [` ${label}`, paint.styles.keyLabel],
];

/** Cells of a line of buttons. */
export const buttonsWidth = (paint: Paint, buttons: readonly Button[]): number =>
  buttons.reduce((sum, button) => sum + spansWidth(buttonSpans(paint, button)) + 2, -2);

/** A line of buttons, each a hit of kind "button" with its place in the list. */
export function drawButtons(paint: Paint, x: number, y: number, end: number, buttons: readonly Button[]): void {
  let at = x;
  buttons.forEach((button, index) => {
    const next = drawSpans(paint, at, y, end, buttonSpans(paint, button));
    if (next > at) paint.hits.push({ x: at, y, width: next - at, height: 1, target: { kind: "button", index } });
    at = next + 2;
  });
}
