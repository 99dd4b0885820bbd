import type { Color, StyleSpec, StyleTable } from "./style.ts";

/** Everything on the screen that has a look of its own. Themes give each a style; widgets name only roles. */
export const roles = [
  "text",
  "muted",
  "faint",
  "title",
  "accent",
  "border",
  "tab",
  "tabActive",
  "heading",
  "headingSorted",
  "process",
  "address",
  "host",
  "application",
  "good",
  "stale",
  "critical",
  "closed",
  "group",
  "receive",
  "transmit",
  "bytes",
  "kilobytes",
  "megabytes",
  "gigabytes",
  "warning",
  "error",
  "selection",
  "keyName",
  "keyLabel",
  "input",
  "cursor",
] as const;

export type Role = (typeof roles)[number];

/** A theme is data: a style for every role. */
export interface Theme {
  readonly name: string;
  /** Made for a light background. */
  readonly light?: boolean;
  /** `text` is what all others stand on: its colours hold where a role names none. */
  readonly roles: Readonly<Record<Role, StyleSpec>>;
}

/** Style ids of the roles in one style table. */
export type Styles = Readonly<Record<Role, number>>;

export function resolveTheme(theme: Theme, table: StyleTable): Styles {
  const out: Partial<Record<Role, number>> = {};
  for (const role of roles) {
    // The selection is laid over other styles: what it does not say must stay open.
    const base = role === "selection" || role === "cursor" ? {} : theme.roles.text;
    out[role] = table.define({ ...base, ...theme.roles[role] });
  }
  return out as Styles;
}

const color = (rgb: number, ansi: number): Color => ({ rgb, ansi });

const blue = color(0x5fafff, 12);
const cyan = color(0x5fafaf, 6);
const green = color(0x5faf5f, 2);
const lime = color(0x87af00, 10);
const amber = color(0xd7af00, 3);
const orange = color(0xff8700, 11);
const red = color(0xff5f5f, 9);
const violet = color(0xaf87d7, 5);
const gray = color(0x8a8a8a, 8);
const shade = color(0x626262, 8);

const darkTones: ReadonlyMap<Color, Color> = new Map([
  [blue, color(0x005faf, 4)],
  [cyan, color(0x005f87, 6)],
  [green, color(0x00875f, 2)],
  [lime, color(0x5f8700, 2)],
  [amber, color(0x875f00, 3)],
  [orange, color(0xaf5f00, 1)],
  [red, color(0xd70000, 1)],
  [violet, color(0x5f00af, 5)],
  [gray, color(0x6c6c6c, 8)],
  [shade, color(0x8a8a8a, 7)],
]);

/**
 * The terminal's own text and background, with middle tones that stand out on dark and on light; all of them stand in
 * the 256-colour palette, which makes frames small. Closed, stale and
 * critical rows differ by attribute and by their mark too, so that they read without colour.
 */
export const defaultTheme: Theme = {
  name: "default",
  roles: {
    text: {},
    muted: { fg: gray },
    faint: { fg: shade },
    title: { fg: blue, bold: true },
    accent: { fg: blue },
    border: { fg: shade },
    tab: { fg: gray },
    tabActive: { fg: blue, bold: true, underline: true },
    heading: { fg: gray, bold: true },
    headingSorted: { fg: blue, bold: true },
    process: { bold: true },
    address: {},
    host: { fg: cyan },
    application: { fg: violet },
    good: { fg: green },
    stale: { fg: amber },
    critical: { fg: red, bold: true },
    closed: { fg: gray, dim: true },
    group: { fg: blue, bold: true },
    receive: { fg: green },
    transmit: { fg: violet },
    bytes: { fg: gray },
    kilobytes: {},
    megabytes: { fg: lime },
    gigabytes: { fg: orange, bold: true },
    warning: { fg: amber, bold: true },
    error: { fg: red, bold: true },
    selection: { bg: color(0x005faf, 4), fg: color(0xffffff, 15), bold: true, dim: false },
    keyName: { fg: blue, bold: true },
    keyLabel: { fg: gray },
    input: {},
    cursor: { reverse: true },
  },
};

/** The default on a light background: the same tones, dark enough to read on white. */
export const defaultLightTheme: Theme = {
  name: "default-light",
  light: true,
  roles: {
    ...defaultTheme.roles,
    ...Object.fromEntries(
      (Object.entries(defaultTheme.roles) as [Role, StyleSpec][]).flatMap(([role, spec]): [Role, StyleSpec][] =>
        spec.fg === undefined || spec.bg !== undefined ? [] : [[role, { ...spec, fg: darker(spec.fg) }]],
      ),
    ),
  },
};

/** The tone that reads on white. */
function darker(tone: Color): Color {
  const dark = darkTones.get(tone);
  if (dark === undefined) throw new Error(`default-light: no dark tone for ${tone.rgb.toString(16)}`);
  return dark;
}

/** For terminals that show no colour: the same roles by attributes alone. */
export const plainTheme: Theme = {
  name: "plain",
  roles: {
    ...defaultTheme.roles,
    muted: {},
    faint: { dim: true },
    closed: { dim: true },
    border: { dim: true },
    tab: {},
    heading: { underline: true },
    headingSorted: { bold: true, underline: true },
    stale: { underline: true },
    bytes: { dim: true },
    selection: { reverse: true, dim: false },
  },
};
