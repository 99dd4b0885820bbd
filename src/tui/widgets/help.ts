import { bindingText } from "../binding-text.ts";
import { keyLabel, type Binding, type Section } from "../keys.ts";
import { textWidth } from "../glyphs.ts";
import { drawBox, drawScrollbar, type Paint } from "./paint.ts";

interface HelpLine {
  readonly keys: string;
  readonly text: string;
  readonly heading: boolean;
}

const sections: readonly Section[] = [
  "sectionMove",
  "sectionTable",
  "sectionView",
  "sectionDetails",
  "sectionReplay",
  "sectionGeneral",
];

/** The lines of the help: every binding of the key table, by section. */
function helpLines(paint: Paint, table: readonly Binding[]): HelpLine[] {
  const { messages } = paint;
  const out: HelpLine[] = [];
  for (const section of sections) {
    const bindings = table.filter((one) => one.section === section && one.keys.length > 0);
    if (bindings.length === 0) continue;
    if (out.length > 0) out.push({ keys: "", text: "", heading: false });
    out.push({ keys: messages[section], text: "", heading: true });
    for (const binding of bindings) {
      const text = bindingText(binding, messages);
      out.push({ keys: binding.keys.map((key) => keyLabel(key, paint.ascii)).join(" "), text, heading: false });
    }
  }
  return out;
}

/** The help overlay in the middle of the screen, in as many columns as fit; returns how far it can be scrolled. */
export function drawHelp(
  paint: Paint,
  width: number,
  height: number,
  table: readonly Binding[],
  scroll: number,
): number {
  const { buffer, styles, messages } = paint;
  const lines = helpLines(paint, table);
  const keysWidth = 2 + Math.max(...lines.map((line) => (line.heading ? 0 : textWidth(line.keys))));
  const lineWidth = keysWidth + Math.max(...lines.map((line) => textWidth(line.text))) + 2;
  const wanted = lines.length + 2 > height && width >= lineWidth * 2 + 4 ? 2 : 1;
  const perColumn = Math.ceil(lines.length / wanted);
  const boxWidth = Math.min(width, lineWidth * wanted + 4);
  const boxHeight = Math.min(height, perColumn + 2);
  const x = (width - boxWidth) >> 1;
  const y = (height - boxHeight) >> 1;
  buffer.fill(x, y, boxWidth, boxHeight, 0x20, styles.text);
  const inside = drawBox(paint, { x, y, width: boxWidth, height: boxHeight }, [[messages.helpTitle, styles.title]]);
  const most = Math.max(0, perColumn - inside.height);
  const first = Math.min(scroll, most);
  for (let column = 0; column < wanted; column++) {
    const left = inside.x + 1 + column * lineWidth;
    for (let i = 0; i < inside.height && first + i < perColumn; i++) {
      const line = lines[column * perColumn + first + i];
      if (line === undefined) break;
      const room = inside.x + inside.width - left;
      if (line.heading) {
        buffer.text(left, inside.y + i, line.keys, styles.heading, room);
        continue;
      }
      buffer.text(left, inside.y + i, line.keys, styles.keyName, Math.min(room, keysWidth));
      buffer.text(left + keysWidth, inside.y + i, line.text, styles.text, room - keysWidth);
    }
  }
  drawScrollbar(paint, x + boxWidth - 1, inside.y, inside.height, first, perColumn);
  return most;
}
