/** How many colours the terminal shows. */
export type ColorDepth = "none" | "16" | "256" | "truecolor";

/**
 * A colour: 24 bits, and the nearest of the 16 by eye (0-15), which arithmetic cannot choose well. With `rgb` below 0
 * it is the terminal's own colour `ansi` at any depth.
 */
export interface Color {
  readonly rgb: number;
  readonly ansi: number;
}

export interface StyleSpec {
  readonly fg?: Color;
  readonly bg?: Color;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly reverse?: boolean;
}

const attributes = [
  ["bold", "1"],
  ["dim", "2"],
  ["italic", "3"],
  ["underline", "4"],
  ["reverse", "7"],
] as const;

/**
 * Interns styles, so that a cell needs only a small number, and knows the shortest SGR sequence from one to another.
 * Style 0 is the terminal's own. Bounded by construction: styles come from themes, never from data.
 */
export class StyleTable {
  readonly depth: ColorDepth;
  readonly #specs: StyleSpec[] = [{}];
  readonly #ids = new Map<string, number>();
  readonly #overlays = new Map<number, number>();
  readonly #blanks: (number | undefined)[] = [];
  readonly #transitions = new Map<number, Uint8Array>();

  constructor(depth: ColorDepth) {
    this.depth = depth;
    this.#ids.set(key({}), 0);
  }

  define(spec: StyleSpec): number {
    const name = key(spec);
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = this.#specs.length;
    if (id > 0xffff) throw new Error(`style table: ${id} styles, at most 65536`);
    this.#specs.push(spec);
    this.#ids.set(name, id);
    return id;
  }

  /** `base` with everything that `top` says: the style of a cell under a selection bar. */
  over(base: number, top: number): number {
    const name = base * 0x1_0000 + top;
    const known = this.#overlays.get(name);
    if (known !== undefined) return known;
    const id = this.define({ ...this.#specs[base], ...this.#specs[top] });
    this.#overlays.set(name, id);
    return id;
  }

  /** What of a style a blank cell shows: its background and lines, not its foreground. */
  blank(style: number): number {
    const known = this.#blanks[style];
    if (known !== undefined) return known;
    const { bg, underline, reverse, fg } = this.#specs[style] ?? {};
    const made = this.define({
      ...(bg === undefined ? {} : { bg }),
      ...(underline === true ? { underline } : {}),
      ...(reverse === true ? { reverse, ...(fg === undefined ? {} : { fg }) } : {}),
    });
    this.#blanks[style] = made;
    return made;
  }

  /** Bytes that turn the terminal from style `from` to style `to`. */
  transition(from: number, to: number): Uint8Array {
    const name = from * 0x1_0000 + to;
    const known = this.#transitions.get(name);
    if (known !== undefined) return known;
    const made = Buffer.from(this.#makeTransition(this.#specs[from] ?? {}, this.#specs[to] ?? {}), "latin1");
    this.#transitions.set(name, made);
    return made;
  }

  #makeTransition(from: StyleSpec, to: StyleSpec): string {
    const full = ["0", ...this.#parameters({}, to)].join(";");
    const lost =
      attributes.some(([name]) => from[name] === true && to[name] !== true) ||
      (from.fg !== undefined && to.fg === undefined) ||
      (from.bg !== undefined && to.bg === undefined);
    if (lost) return `\x1b[${full === "0" ? "" : full}m`;
    const change = this.#parameters(from, to).join(";");
    return change === "" ? "" : `\x1b[${change}m`;
  }

  #parameters(from: StyleSpec, to: StyleSpec): string[] {
    const out: string[] = [];
    for (const [name, code] of attributes) if (to[name] === true && from[name] !== true) out.push(code);
    if (this.depth === "none") return out;
    if (to.fg !== undefined && to.fg !== from.fg) out.push(this.#color(to.fg, 38));
    if (to.bg !== undefined && to.bg !== from.bg) out.push(this.#color(to.bg, 48));
    return out;
  }

  /** `ground`: 38 foreground, 48 background (ECMA-48 8.3.117, ISO 8613-6 for the long forms). */
  #color(color: Color, ground: 38 | 48): string {
    if (color.rgb < 0) return this.#own(color.ansi, ground);
    // Where the palette has the very colour its number is half as long.
    if (this.depth === "truecolor" && paletteColor(nearest256(color.rgb)) !== color.rgb) {
      return `${ground};2;${color.rgb >> 16};${(color.rgb >> 8) & 255};${color.rgb & 255}`;
    }
    if (this.depth !== "16") return `${ground};5;${nearest256(color.rgb)}`;
    return this.#own(color.ansi, ground);
  }

  #own(ansi: number, ground: 38 | 48): string {
    return String(ansi < 8 ? ground - 8 + ansi : ground + 52 + ansi - 8);
  }
}

function key(spec: StyleSpec): string {
  let name = `${spec.fg?.rgb ?? -1}/${spec.fg?.ansi ?? -1}/${spec.bg?.rgb ?? -1}/${spec.bg?.ansi ?? -1}`;
  for (const [attribute, code] of attributes) if (spec[attribute] === true) name += `/${code}`;
  return name;
}

const cube = [0, 95, 135, 175, 215, 255];

/** The entry of xterm's 256-colour palette (6x6x6 cube and 24 greys) nearest to `rgb`. */
export function nearest256(rgb: number): number {
  const red = rgb >> 16;
  const green = (rgb >> 8) & 255;
  const blue = rgb & 255;
  const steps = [red, green, blue].map(nearestStep);
  const cubeIndex = 16 + 36 * (steps[0] ?? 0) + 6 * (steps[1] ?? 0) + (steps[2] ?? 0);
  const gray = Math.max(0, Math.min(23, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const level = 8 + 10 * gray;
  const distance = (r: number, g: number, b: number): number => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
  const cubeDistance = distance(cube[steps[0] ?? 0] ?? 0, cube[steps[1] ?? 0] ?? 0, cube[steps[2] ?? 0] ?? 0);
  return distance(level, level, level) < cubeDistance ? 232 + gray : cubeIndex;
}

function nearestStep(value: number): number {
  let best = 0;
  for (let i = 1; i < cube.length; i++) {
    if (Math.abs((cube[i] ?? 0) - value) < Math.abs((cube[best] ?? 0) - value)) best = i;
  }
  return best;
}

/** The 24 bits of an entry of the cube or the greys (16-255) of xterm's palette. */
function paletteColor(index: number): number {
  if (index >= 232) return (8 + 10 * (index - 232)) * 0x01_0101;
  const at = index - 16;
  return ((cube[Math.floor(at / 36)] ?? 0) << 16) | ((cube[Math.floor(at / 6) % 6] ?? 0) << 8) | (cube[at % 6] ?? 0);
}
