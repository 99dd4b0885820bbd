import assert from "node:assert/strict";
import { test } from "node:test";
import { type ColorDepth, findTheme, themes } from "../../src/tui/index.ts";
import { snapshotOf, story, threeRows } from "./story.ts";

const themeNames = themes.map(({ name }) => name);

const depths: readonly ColorDepth[] = ["truecolor", "256", "16", "none"];

/** Relative luminance as WCAG 2 defines it. */
function luminance(rgb: number): number {
  const [r = 0, g = 0, b = 0] = [rgb >> 16, (rgb >> 8) & 255, rgb & 255].map((byte) => {
    const part = byte / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: number, b: number): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

for (const theme of themes) {
  test(`theme ${theme.name} shows the same text at every depth, and its colours where there are colours`, async () => {
    const plain = await story("120x40", snapshotOf(threeRows)).lines();
    for (const colors of depths) {
      const one = story("120x40", snapshotOf(threeRows), { theme, colors });
      assert.deepEqual(await one.lines(), plain, colors);
      const bytes = one.terminal.writes.join("");
      const colored = new RegExp(String.raw`${"\u001B"}\[(?:\d+;)*(?:3|4|9|10)\d(?:;\d+)*m`).test(bytes);
      assert.equal(colored, colors !== "none", colors);
      if (colors !== "truecolor") assert.doesNotMatch(bytes, /[34]8;2;/, colors);
      if (colors === "16") assert.doesNotMatch(bytes, /[34]8;5;/);
      const background = theme.roles.text.bg;
      const { xterm } = one.terminal;
      const corner = xterm.buffer.active.getLine(38)?.getCell(119);
      assert.equal(corner?.isBgDefault(), background === undefined || colors === "none", `${colors} corner`);
      if (background !== undefined && colors === "16") assert.equal(corner?.getBgColor(), background.ansi);
    }
  });

  test(`theme ${theme.name} can be read: text stands out from its background, states differ`, () => {
    const { text, error, good, critical, stale, selection } = theme.roles;
    if (text.bg !== undefined && text.fg !== undefined) {
      assert.ok(contrast(text.fg.rgb, text.bg.rgb) >= 4.4, `text ${contrast(text.fg.rgb, text.bg.rgb)}`);
      for (const role of ["muted", "accent", "error", "host", "application", "good", "stale"] as const) {
        const { fg } = theme.roles[role];
        const least = theme.name === "high-contrast" ? 7 : 2.5;
        if (fg !== undefined) assert.ok(contrast(fg.rgb, text.bg.rgb) >= least, role);
      }
    }
    // Of a theme without a background: on the white of a terminal, or its black.
    const ground = text.bg?.rgb ?? (theme.light === true ? 0xffffff : 0);
    for (const role of ["faint", "closed", "border", "host", "bytes", "megabytes", "keyLabel"] as const) {
      const { fg } = theme.roles[role];
      if (fg !== undefined && fg.rgb >= 0)
        assert.ok(contrast(fg.rgb, ground) >= 3, `${role} ${contrast(fg.rgb, ground)}`);
    }
    assert.notDeepEqual(good, stale);
    assert.notDeepEqual(stale, critical);
    assert.notDeepEqual(error.fg, good.fg);
    assert.ok(selection.bg !== undefined || selection.reverse === true);
  });
}

test("themes have names of their own, and are found by them", () => {
  assert.equal(new Set(themeNames).size, themeNames.length);
  for (const name of ["default", "dracula", "solarized-light", "nord", "terminal", "high-contrast", "color-blind"]) {
    assert.equal(findTheme(name)?.name, name);
  }
  assert.equal(findTheme("draculla"), undefined);
});

test("T lists all themes, shows each under the bar, keeps one with Enter and goes back with Esc", async () => {
  const one = story("120x40", snapshotOf(threeRows));
  const corner = async (): Promise<number | undefined> => {
    await one.terminal.settled();
    return one.terminal.cell(119, 38)?.getBgColor();
  };
  const before = await corner();
  const list = await one.keys("T");
  for (const name of themeNames)
    assert.ok(
      list.some((line) => line.includes(` ${name} `)),
      name,
    );
  assert.ok(list.some((line) => line.includes("● default")));
  await one.keys("jj");
  const shown = await corner();
  assert.notEqual(shown, before);
  await one.keys("\x1b[27u");
  assert.equal(await corner(), before);
  await one.keys("T");
  assert.match((await one.keys("jj\r")).at(-1) ?? "", new RegExp(`Theme ${themeNames[2]}$`));
  assert.equal(await corner(), shown);
});

test("a click in the list of themes chooses, one beside it goes back; the wheel moves", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  const list = await one.keys("T");
  const y = list.findIndex((line) => line.includes("nord"));
  const x = list[y]?.indexOf("nord") ?? 0;
  assert.match((await one.keys(`\x1b[<0;${x + 1};${y + 1}M`)).at(-1) ?? "", /Theme nord$/);
  await one.keys("T\x1b[<65;40;12M");
  assert.match((await one.keys("\x1b[<0;1;1M")).at(-1) ?? "", /Theme nord$/);
});

test("without colours there is one theme", async () => {
  const lines = await story("80x24", snapshotOf(threeRows), { colors: "none" }).keys("T");
  assert.ok(lines.some((line) => line.includes("● plain")));
  assert.ok(!lines.some((line) => line.includes("nord")));
});
