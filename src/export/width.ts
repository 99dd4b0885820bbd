import { eastAsianWidth } from "get-east-asian-width";

const printable = /^[\x20-\x7e]*$/;
const combining = /^[\p{Mn}\p{Me}]$/u;

const cellsOf = (character: string): number =>
  combining.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0);

/** Cells that `text` (without controls) takes in a terminal. */
export function textWidth(text: string): number {
  if (printable.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += cellsOf(character);
  return width;
}

/** `text` cut to at most `width` cells, the last of which is then "…". */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let out = "";
  let used = 0;
  for (const character of text) {
    const cells = cellsOf(character);
    if (used + cells > width - 1) break;
    out += character;
    used += cells;
  }
  return width > 0 ? `${out}…` : "";
}

/** `text` cut or filled up to exactly `width` cells (one less where a wide character does not fit). */
export function fitText(text: string, width: number, align: "left" | "right"): string {
  const cut = cutText(text, width);
  const fill = " ".repeat(Math.max(0, width - textWidth(cut)));
  return align === "left" ? cut + fill : fill + cut;
}
