import type { Color, StyleSpec } from "./style.ts";
import { defaultLightTheme, defaultTheme, roles, type Role, type Theme } from "./theme.ts";

/** The colours that a theme of ours is made of. Each has 24 bits; the nearest of the 16 comes with its place. */
interface Palette {
  readonly background: number;
  readonly text: number;
  readonly muted: number;
  readonly faint: number;
  readonly selection: number;
  readonly accent: number;
  readonly cyan: number;
  readonly violet: number;
  readonly green: number;
  readonly yellow: number;
  readonly orange: number;
  readonly red: number;
}

/** A theme on a background of its own. With 16 colours it is drawn on the terminal's black or white. */
function paletteTheme(name: string, light: boolean, palette: Palette): Theme {
  const of = (rgb: number, ansi: number): Color => ({ rgb, ansi });
  const back = of(palette.background, light ? 15 : 0);
  const text = of(palette.text, light ? 0 : 7);
  const muted = of(palette.muted, light ? 0 : 7);
  const faint = of(palette.faint, 8);
  const accent = of(palette.accent, light ? 4 : 12);
  const cyan = of(palette.cyan, 6);
  const violet = of(palette.violet, 5);
  const green = of(palette.green, 2);
  const yellow = of(palette.yellow, 3);
  const orange = of(palette.orange, light ? 1 : 11);
  const red = of(palette.red, light ? 1 : 9);
  return {
    name,
    light,
    roles: {
      ...defaultTheme.roles,
      text: { fg: text, bg: back },
      muted: { fg: muted },
      faint: { fg: faint },
      title: { fg: accent, bold: true },
      accent: { fg: accent },
      border: { fg: faint },
      tab: { fg: muted },
      tabActive: { fg: accent, bold: true, underline: true },
      heading: { fg: muted, bold: true },
      headingSorted: { fg: accent, bold: true },
      process: { fg: text, bold: true },
      host: { fg: cyan },
      application: { fg: violet },
      good: { fg: green },
      stale: { fg: yellow },
      critical: { fg: red, bold: true },
      closed: { fg: faint },
      group: { fg: accent, bold: true },
      receive: { fg: green },
      transmit: { fg: violet },
      bytes: { fg: muted },
      megabytes: { fg: yellow },
      gigabytes: { fg: orange, bold: true },
      warning: { fg: yellow, bold: true },
      error: { fg: red, bold: true },
      selection: { bg: of(palette.selection, light ? 7 : 4), fg: of(palette.text, light ? 0 : 15), bold: true },
      keyName: { fg: accent, bold: true },
      keyLabel: { fg: muted },
    },
  };
}

const ansi = (index: number): Color => ({ rgb: -1 - index, ansi: index });

/** Only the terminal's own 16 colours, whatever depth it has: it looks as the rest of the person's terminal does. */
const terminalTheme: Theme = {
  name: "terminal",
  roles: Object.fromEntries(
    roles.map((role): [Role, StyleSpec] => {
      const { fg, bg, ...rest } = defaultTheme.roles[role];
      return [role, { ...rest, ...(fg && { fg: ansi(fg.ansi) }), ...(bg && { bg: ansi(bg.ansi) }) }];
    }),
  ) as Theme["roles"],
};

/** White and few bright tones on black; nothing grey (contrast of every text at least 7:1, WCAG 2 level AAA). */
const highContrast = paletteTheme("high-contrast", false, {
  background: 0x000000,
  text: 0xffffff,
  muted: 0xffffff,
  faint: 0xbfbfbf,
  selection: 0x0000af,
  accent: 0x5fffff,
  cyan: 0x5fffff,
  violet: 0xffafff,
  green: 0x5fff5f,
  yellow: 0xffff00,
  orange: 0xffd75f,
  red: 0xff9f9f,
});

/** Okabe and Ito's tones, told apart with any colour vision: blue against orange, never red against green. */
const colorBlind: Theme = {
  name: "color-blind",
  roles: {
    ...defaultTheme.roles,
    title: { fg: { rgb: 0x56b4e9, ansi: 12 }, bold: true },
    accent: { fg: { rgb: 0x56b4e9, ansi: 12 } },
    tabActive: { fg: { rgb: 0x56b4e9, ansi: 12 }, bold: true, underline: true },
    headingSorted: { fg: { rgb: 0x56b4e9, ansi: 12 }, bold: true },
    keyName: { fg: { rgb: 0x56b4e9, ansi: 12 }, bold: true },
    group: { fg: { rgb: 0x56b4e9, ansi: 12 }, bold: true },
    good: { fg: { rgb: 0x0072b2, ansi: 4 } },
    stale: { fg: { rgb: 0xe69f00, ansi: 3 }, underline: true },
    critical: { fg: { rgb: 0xd55e00, ansi: 11 }, bold: true, reverse: true },
    receive: { fg: { rgb: 0x56b4e9, ansi: 12 } },
    transmit: { fg: { rgb: 0xe69f00, ansi: 3 } },
    megabytes: { fg: { rgb: 0x56b4e9, ansi: 12 } },
    gigabytes: { fg: { rgb: 0xe69f00, ansi: 11 }, bold: true },
    warning: { fg: { rgb: 0xe69f00, ansi: 3 }, bold: true },
    error: { fg: { rgb: 0xd55e00, ansi: 11 }, bold: true, underline: true },
  },
};

/** All themes, in the order of the switch key. Their colours are those that the themes' makers publish. */
export const themes: readonly Theme[] = [
  defaultTheme,
  defaultLightTheme,
  paletteTheme("dracula", false, {
    background: 0x282a36,
    text: 0xf8f8f2,
    muted: 0xb6bad6,
    faint: 0x6272a4,
    selection: 0x44475a,
    accent: 0xff79c6,
    cyan: 0x8be9fd,
    violet: 0xbd93f9,
    green: 0x50fa7b,
    yellow: 0xf1fa8c,
    orange: 0xffb86c,
    red: 0xff5555,
  }),
  paletteTheme("solarized-dark", false, {
    background: 0x002b36,
    text: 0x93a1a1,
    muted: 0x839496,
    faint: 0x657b83,
    selection: 0x094656,
    accent: 0x268bd2,
    cyan: 0x2aa198,
    violet: 0x6c71c4,
    green: 0x859900,
    yellow: 0xb58900,
    orange: 0xcb4b16,
    red: 0xdc322f,
  }),
  paletteTheme("solarized-light", true, {
    background: 0xfdf6e3,
    text: 0x586e75,
    muted: 0x657b83,
    faint: 0x7b8c8d,
    selection: 0xe3dcc5,
    accent: 0x268bd2,
    // Darker than on the dark background: names and numbers are to be read on the light one.
    cyan: 0x22877f,
    violet: 0x6c71c4,
    green: 0x738600,
    yellow: 0x9c7600,
    orange: 0xcb4b16,
    red: 0xdc322f,
  }),
  paletteTheme("monokai", false, {
    background: 0x272822,
    text: 0xf8f8f2,
    muted: 0xb9b8a8,
    faint: 0x75715e,
    selection: 0x49483e,
    accent: 0xf92672,
    cyan: 0x66d9ef,
    violet: 0xae81ff,
    green: 0xa6e22e,
    yellow: 0xe6db74,
    orange: 0xfd971f,
    red: 0xf92672,
  }),
  paletteTheme("nord", false, {
    background: 0x2e3440,
    text: 0xd8dee9,
    muted: 0xaab3c5,
    faint: 0x76839c,
    selection: 0x434c5e,
    accent: 0x88c0d0,
    cyan: 0x8fbcbb,
    violet: 0xb48ead,
    green: 0xa3be8c,
    yellow: 0xebcb8b,
    orange: 0xd08770,
    red: 0xbf616a,
  }),
  paletteTheme("gruvbox", false, {
    background: 0x282828,
    text: 0xebdbb2,
    muted: 0xbdae93,
    faint: 0x928374,
    selection: 0x504945,
    accent: 0xfabd2f,
    cyan: 0x8ec07c,
    violet: 0xd3869b,
    green: 0xb8bb26,
    yellow: 0xfabd2f,
    orange: 0xfe8019,
    red: 0xfb4934,
  }),
  paletteTheme("catppuccin", false, {
    background: 0x1e1e2e,
    text: 0xcdd6f4,
    muted: 0xa6adc8,
    faint: 0x7f849c,
    selection: 0x45475a,
    accent: 0x89b4fa,
    cyan: 0x94e2d5,
    violet: 0xcba6f7,
    green: 0xa6e3a1,
    yellow: 0xf9e2af,
    orange: 0xfab387,
    red: 0xf38ba8,
  }),
  paletteTheme("tokyo-night", false, {
    background: 0x1a1b26,
    text: 0xc0caf5,
    muted: 0xa9b1d6,
    faint: 0x737aa2,
    selection: 0x33467c,
    accent: 0x7aa2f7,
    cyan: 0x7dcfff,
    violet: 0xbb9af7,
    green: 0x9ece6a,
    yellow: 0xe0af68,
    orange: 0xff9e64,
    red: 0xf7768e,
  }),
  terminalTheme,
  highContrast,
  colorBlind,
];

/** The theme of that name, or undefined. */
export const findTheme = (name: string): Theme | undefined => themes.find((theme) => theme.name === name);
