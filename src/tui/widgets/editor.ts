import { textWidth } from "../glyphs.ts";
import type { LineEditor } from "../line-editor.ts";
import type { Paint } from "./paint.ts";

/** A line that is being typed, its end before the cursor in sight, in a field of `width` cells. */
export function drawEditor(paint: Paint, x: number, y: number, width: number, editor: LineEditor): void {
  const { styles, buffer, table } = paint;
  const { before, at, after } = editor.parts();
  let visible = before;
  while (textWidth(visible) > width - 2 && visible.length > 0) visible = Array.from(visible).slice(1).join("");
  let next = buffer.text(x, y, visible, styles.input, width - 1, "none");
  next = buffer.text(next, y, at === "" ? " " : at, table.over(styles.input, styles.cursor), 2, "none");
  if (next < x + width) buffer.text(next, y, after, styles.input, x + width - next, "none");
}
