import type { Color, StyleSpec } from "./style.ts";
import { defaultTheme, roles, type Role, type Theme } from "./theme.ts";

/** What is wrong with a theme, and where: the keys that lead there. */
export interface ThemeProblem {
  readonly ok: false;
  readonly path: readonly string[];
  /** One line that says what to write instead. */
  readonly message: string;
}

export type ParsedTheme = { readonly ok: true; readonly theme: Theme } | ThemeProblem;

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
/** The 16 colours as xterm has them, to find the nearest one of. */
const ansiTones = [
  0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00,
  0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
];
const attributes = ["bold", "dim", "italic", "underline", "reverse"] as const;
const longestName = 40;

const problem = (path: readonly string[], message: string): ThemeProblem => ({ ok: false, path, message });
const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** "#rrggbb", or one of the terminal's own 16 by name ("blue", "bright-blue"); undefined when it is neither. */
function parseColor(value: unknown): Color | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.toLowerCase();
  if (/^#[\da-f]{6}$/.test(text)) {
    const rgb = Number.parseInt(text.slice(1), 16);
    return { rgb, ansi: nearest(rgb) };
  }
  const index = names.findIndex((name) => name === text.replace(/^bright-/, ""));
  if (index < 0) return undefined;
  const ansi = text.startsWith("bright-") ? index + 8 : index;
  return { rgb: -1 - ansi, ansi };
}

function nearest(rgb: number): number {
  const distance = (tone: number): number =>
    ((tone >> 16) - (rgb >> 16)) ** 2 +
    (((tone >> 8) & 255) - ((rgb >> 8) & 255)) ** 2 +
    ((tone & 255) - (rgb & 255)) ** 2;
  let best = 0;
  ansiTones.forEach((tone, index) => {
    if (distance(tone) < distance(ansiTones[best] ?? 0)) best = index;
  });
  return best;
}

function parseStyle(path: readonly string[], value: unknown): StyleSpec | ThemeProblem {
  const table = typeof value === "string" ? { fg: value } : value;
  if (!isTable(table))
    return problem(path, 'a style is a colour such as "#5fafff", or { fg = "#5fafff", bold = true }');
  const style: Record<string, Color | boolean> = {};
  for (const [key, one] of Object.entries(table)) {
    const at = typeof value === "string" ? path : [...path, key];
    if (key === "fg" || key === "bg") {
      const color = parseColor(one);
      if (color === undefined)
        return problem(at, `a colour is "#rrggbb", or ${names.join(", ")}, each also with "bright-"`);
      style[key] = color;
    } else if (attributes.some((name) => name === key)) {
      if (typeof one !== "boolean") return problem(at, `${key} is true or false`);
      style[key] = one;
    } else return problem(at, `a style has fg, bg, ${attributes.join(", ")}; there is no "${key}"`);
  }
  return style;
}

/**
 * A theme of the user's, from what a file held: `name`, and optionally `base` (a theme whose styles hold where this one
 * names none), `light`, and `roles`: a style for each role. `find` knows the themes that may be a base.
 */
export function parseTheme(value: unknown, find: (name: string) => Theme | undefined): ParsedTheme {
  if (!isTable(value)) return problem([], "a theme is a table with a name and roles");
  const { name, base = defaultTheme.name, light, roles: styles = {}, ...rest } = value;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    return problem([unknown], `a theme has name, base, light and roles; there is no "${unknown}"`);
  if (typeof name !== "string" || !/^[a-z\d][\w-]*$/i.test(name) || name.length > longestName) {
    return problem(["name"], `a theme's name is made of letters, digits and "-", at most ${longestName}`);
  }
  const ground = typeof base === "string" ? find(base) : undefined;
  if (ground === undefined) return problem(["base"], `there is no theme "${String(base)}" to build on`);
  if (light !== undefined && typeof light !== "boolean") return problem(["light"], "light is true or false");
  if (!isTable(styles)) return problem(["roles"], "roles is a table: a style for each role");
  const made: Partial<Record<Role, StyleSpec>> = {};
  for (const [role, style] of Object.entries(styles)) {
    const known = roles.find((one) => one === role);
    if (known === undefined)
      return problem(["roles", role], `there is no role "${role}"; roles are ${roles.join(", ")}`);
    const parsed = parseStyle(["roles", role], style);
    if ("ok" in parsed) return parsed;
    made[known] = parsed;
  }
  const isLight = light ?? ground.light;
  return {
    ok: true,
    theme: { name, ...(isLight === undefined ? {} : { light: isLight }), roles: { ...ground.roles, ...made } },
  };
}
