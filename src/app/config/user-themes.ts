import { defaultTheme, nearestOf16, roles, themes, type Role, type StyleSpec, type Theme } from "../../tui/index.ts";
import { isTable, kindOf, unknown, type Path, type Problems } from "./problems.ts";

const mostThemes = 32;
const attributes = ["bold", "dim", "italic", "underline", "reverse"] as const;
const ansiNames = [
  "black",
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  "white",
  "bright-black",
  "bright-red",
  "bright-green",
  "bright-yellow",
  "bright-blue",
  "bright-magenta",
  "bright-cyan",
  "bright-white",
] as const;

/** A theme with what the file said of it. */
export interface UserTheme extends Theme {
  readonly base: string;
  readonly own: Readonly<Partial<Record<Role, StyleSpec>>>;
}

type Color = NonNullable<StyleSpec["fg"]>;

function readColor(problems: Problems, path: Path, value: unknown): Color | undefined {
  if (typeof value === "string") {
    const digits = /^#([0-9a-f]{6})$/i.exec(value)?.[1];
    if (digits !== undefined) {
      const rgb = Number.parseInt(digits, 16);
      return { rgb, ansi: nearestOf16(rgb) };
    }
    const ansi = ansiNames.findIndex((name) => name === value.toLowerCase());
    if (ansi >= 0) return { rgb: -1, ansi };
  }
  problems.value(path, `must be a colour: "#rrggbb", or one of the terminal's own such as "blue" or "bright-blue"`);
  return undefined;
}

function readStyle(problems: Problems, path: Path, value: unknown): StyleSpec {
  if (!isTable(value)) {
    const fg = readColor(problems, path, value);
    return fg === undefined ? {} : { fg };
  }
  const style: { -readonly [K in keyof StyleSpec]: StyleSpec[K] } = {};
  for (const [name, part] of Object.entries(value)) {
    const at = [...path, name];
    const attribute = attributes.find((one) => one === name);
    if (name === "fg" || name === "bg") {
      const color = readColor(problems, at, part);
      if (color !== undefined) style[name] = color;
    } else if (attribute === undefined) problems.unknownKey(at, "key", ["fg", "bg", ...attributes]);
    else if (typeof part !== "boolean") problems.value(at, `${name}: must be true or false`);
    else style[attribute] = part;
  }
  return style;
}

const isRole = (name: string): name is Role => roles.some((role) => role === name);

function readTheme(problems: Problems, name: string, table: Readonly<Record<string, unknown>>): UserTheme {
  const path = ["themes", name];
  const { base = "default", light, ...styles } = table;
  const under = themes.find((one) => one.name === base);
  if (under === undefined) {
    problems.value(
      [...path, "base"],
      unknown(
        "theme",
        String(base),
        themes.map((one) => one.name),
      ),
    );
  }
  if (light !== undefined && typeof light !== "boolean")
    problems.value([...path, "light"], "light: must be true or false");
  const own: Partial<Record<Role, StyleSpec>> = {};
  for (const [role, value] of Object.entries(styles)) {
    const at = [...path, role];
    if (isRole(role)) own[role] = readStyle(problems, at, value);
    else problems.unknownKey(at, "role", ["base", "light", ...roles]);
  }
  const { name: from, roles: first, light: firstLight = false } = under ?? defaultTheme;
  const isLight = typeof light === "boolean" ? light : firstLight;
  return { name, base: from, light: isLight, own, roles: { ...first, ...own } };
}

/** The themes of a file: each is a theme of Socklens with other looks for some roles. */
export function readThemes(problems: Problems, value: unknown): UserTheme[] {
  if (value === undefined) return [];
  if (!isTable(value)) {
    problems.value(["themes"], `themes: must be a table, not ${kindOf(value)}`);
    return [];
  }
  return Object.entries(value).flatMap(([name, table], index) => {
    const path = ["themes", name];
    if (index >= mostThemes) problems.key(path, `at most ${mostThemes} themes`);
    else if (!isTable(table)) problems.value(path, `${name}: must be a table, not ${kindOf(table)}`);
    else if (name.length > 64 || /\p{Cc}/u.test(name))
      problems.key(path, "a name has at most 64 characters, none of control");
    else if (themes.some((one) => one.name === name))
      problems.key(path, `there is a theme "${name}" already: give yours another name`);
    else return [readTheme(problems, name, table)];
    return [];
  });
}
