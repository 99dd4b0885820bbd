import { bindingText } from "../binding-text.ts";
import { keyLabel, type Binding, type Context, type Section } from "../keys.ts";
import { textWidth } from "../glyphs.ts";
import type { Messages } from "../messages.ts";
import { drawBox, drawScrollbar, type Paint, type Rectangle } from "./paint.ts";

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

/** Signs before and in the rows of a tab's table, and what they stand for. */
function signsOf(context: Context, messages: Messages): (readonly [sign: string, text: string])[] {
  const gone = ["×", messages.signEnded] as const;
  const marked = ["●", messages.signMarked] as const;
  const nothing = ["·", messages.signNothing] as const;
  if (context === "processes") return [gone, marked, nothing];
  if (context !== "overview") return [];
  const { columnApplication: app } = messages;
  return [
    gone,
    ["~", messages.stateStale],
    ["!", messages.stateCritical],
    marked,
    [`${app}?`, messages.byPortNumber],
    [`${app}~`, messages.byInferenceLong],
    nothing,
  ];
}

const mouseOf = (messages: Messages): (readonly [how: string, text: string])[] => [
  [messages.mouseClick, messages.mouseClickDoes],
  [messages.mouseDouble, messages.mouseDoubleDoes],
  [messages.mouseWheel, messages.mouseWheelDoes],
  [messages.mouseDrag, messages.mouseDragDoes],
];

/** The lines of the help: every binding of the key table by section, the signs of the tab, and the mouse. */
function helpLines(paint: Paint, table: readonly Binding[], context: Context): HelpLine[] {
  const { messages } = paint;
  const out: HelpLine[] = [];
  const more = (heading: string, lines: readonly (readonly [keys: string, text: string])[]): void => {
    if (lines.length === 0) return;
    out.push({ keys: "", text: "", heading: false }, { keys: heading, text: "", heading: true });
    for (const [keys, text] of lines) out.push({ keys, text, heading: false });
  };
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
  more(messages.sectionSigns, signsOf(context, messages));
  more(messages.sectionMouse, mouseOf(messages));
  return out;
}

/** The help overlay in the middle of the screen, in as many columns as fit; returns how far it can be scrolled. */
export function drawHelp(
  paint: Paint,
  { width, height }: Rectangle,
  table: readonly Binding[],
  context: Context,
  scroll: number,
): number {
  const { buffer, styles, messages } = paint;
  const lines = helpLines(paint, table, context);
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
