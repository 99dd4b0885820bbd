import { keyLabel, type Binding, type Context } from "../keys.ts";
import { drawSpans, spansWidth, type Paint, type Span } from "./paint.ts";

/** Key hints, as many as fit; `right` (a short message) has precedence. */
export function drawFooter(
  paint: Paint,
  y: number,
  width: number,
  table: readonly Binding[],
  context: Context,
  right: readonly Span[],
): void {
  const end = width - 1 - (right.length === 0 ? 0 : spansWidth(right) + 2);
  let x = 1;
  const hinted = table.filter(
    (one) => one.hint !== undefined && one.keys.length > 0 && (one.context === "any" || one.context === context),
  );
  // How to get help and how to get out are never crowded out.
  const last = hinted.filter((one) => one.command === "help" || one.command === "quit");
  const reserved = last.reduce((sum, one) => sum + spansWidth(hintSpans(paint, one)) + 2, 0);
  const draw = (binding: Binding, limit: number): void => {
    const spans = hintSpans(paint, binding);
    const needed = spansWidth(spans);
    if (x + needed > limit) return;
    const target = { kind: "command", command: binding.command } as const;
    paint.hits.push({ x, y, width: needed, height: 1, target });
    x = drawSpans(paint, x, y, limit, spans) + 2;
  };
  for (const binding of hinted) if (!last.includes(binding)) draw(binding, end - reserved);
  for (const binding of last) draw(binding, end);
  if (right.length > 0) drawSpans(paint, Math.max(1, width - 1 - spansWidth(right)), y, width, right);
}

function hintSpans(paint: Paint, binding: Binding): Span[] {
  const { styles, messages } = paint;
  return [
    [keyLabel(binding.keys[0] ?? "", paint.ascii), styles.keyName],
    [` ${binding.hint === undefined ? "" : messages[binding.hint]}`, styles.keyLabel],
  ];
}
