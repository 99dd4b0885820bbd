import assert from "node:assert/strict";
import { test } from "node:test";
import { columns } from "../../src/tui/columns.ts";
import { textWidth } from "../../src/tui/glyphs.ts";
import { detectLanguage, findLanguage, languages, type Language } from "../../src/tui/language.ts";
import { english, type MessageKey } from "../../src/tui/messages.ts";
import { interfaceColumns, neighbourColumns, routeColumns } from "../../src/tui/network-tables.ts";
import { tabs } from "../../src/tui/tab-screen.ts";
import { themes } from "../../src/tui/index.ts";
import { connection, owner, snapshotOf, story, threeRows } from "./story.ts";

const keys = Object.keys(english) as MessageKey[];
const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
const snapshot = snapshotOf([
  ...threeRows,
  connection(9, { process: owner("日本語プロセス", 5), hostname: "例え.テスト" }),
]);
const [, ...translated] = languages;

for (const { code, name, messages } of translated) {
  test(`${name} has every message, with its values, and is a language of its own`, () => {
    assert.deepEqual(Object.keys(messages).sort(), [...keys].sort());
    for (const key of keys) {
      assert.deepEqual(placeholders(messages[key]), placeholders(english[key]), key);
      assert.doesNotMatch(messages[key], /[\p{Cc}\p{Cf}\n]|^\s|\s$/u, key);
      assert.notEqual(messages[key], "", key);
    }
    if (code === "ja") assert.ok(keys.some((key) => /[ぁ-ん]/.test(messages[key])));
  });

  test(`${name}: headings fit where the English ones do, hints are short`, () => {
    for (const column of columns) {
      const room = Math.max(column.minimum, textWidth(english[column.title]));
      // A sort mark stands behind.
      const width = textWidth(messages[column.title]);
      assert.ok(
        width <= Math.max(room, column.preferred - 1),
        `${column.title}: ${messages[column.title]} (${width} > ${room})`,
      );
    }
    for (const { title, width } of [...interfaceColumns, ...routeColumns, ...neighbourColumns]) {
      assert.ok(textWidth(messages[title]) < width, `${title}: ${messages[title]} (${width})`);
    }
    for (const key of keys.filter((one) => one.startsWith("hint"))) {
      assert.ok(textWidth(messages[key]) <= Math.max(12, textWidth(english[key]) + 4), `${key}: ${messages[key]}`);
    }
    for (const key of keys.filter((one) => one.startsWith("key"))) {
      assert.ok(textWidth(messages[key]) <= 44, `${key}: ${messages[key]}`);
    }
  });
}

for (const language of languages) {
  for (const size of ["20x6", "80x24", "120x40", "200x50"] as const) {
    test(`${language.name} at ${size}: every tab, the help, the palette and the dialogs`, async () => {
      await everything(language, size);
    });
  }
}

async function everything(language: Language, size: string): Promise<void> {
  const { messages } = language;
  const [columnCount = 0] = size.split("x").map(Number);
  const one = story(size, snapshot, { language, confirm: { quit: true, clear: true } });
  const look = async (typed: string): Promise<string> => {
    const lines = await one.keys(typed);
    for (const line of lines) assert.ok(textWidth(line) <= columnCount, `${typed}: ${line}`);
    return lines.join("\n");
  };
  const roomy = columnCount >= 80;
  const overview = await look("");
  if (columnCount >= 120) for (const { title } of tabs) assert.ok(overview.includes(messages[title]), messages[title]);
  if (roomy) assert.ok(overview.includes(messages.hintQuit) && overview.includes(messages.hintHelp), overview);
  for (const { key, title } of tabs) {
    const shown = await look(key);
    if (roomy) assert.ok(shown.includes(messages[title]), messages[title]);
  }
  await look("1");
  for (const [key, text] of [
    ["h", messages.helpTitle],
    [":", messages.paletteTitle],
    ["T", messages.themeTitle],
    ["e", messages.exportTitle],
    ["q", messages.confirmQuit],
    ["x", messages.confirmClear],
    ["/", messages.filter],
  ] as const) {
    const shown = await look(key);
    if (roomy) assert.ok(shown.includes(text), `${key}: ${text}`);
    await look("\x1b[27u");
  }
  // What was drawn by differences, wide characters over narrow ones and back, is what a whole frame shows.
  const byDifferences = await look("1");
  assert.equal(await look("\x0c"), byDifferences);
}

test("every language in every theme at 80x24", async () => {
  for (const language of languages) {
    const plain = await story("80x24", snapshot, { language, colors: "none" }).lines();
    for (const theme of themes) {
      assert.deepEqual(
        await story("80x24", snapshot, { language, theme }).lines(),
        plain,
        `${language.code} ${theme.name}`,
      );
    }
  }
});

test("the palette changes the language", async () => {
  const one = story("80x24", snapshot);
  await one.keys(":Deutsch\r");
  assert.match((await one.lines()).join("\n"), /Übersicht/);
  await one.keys(":日本語\r");
  assert.match((await one.lines()).join("\n"), /概要/);
  await one.keys(":English\r");
  assert.match((await one.lines()).join("\n"), /Overview/);
});

test("a terminal that is not UTF-8 is offered English only", async () => {
  const lines = await story("80x24", snapshot, { unicode: false }).keys(":language");
  assert.match(lines.join("\n"), /Language English/);
  assert.doesNotMatch(lines.join("\n"), /Deutsch|\?\?\?/);
});

test("the language by the environment: POSIX order, GNU's list, English for what we do not have", () => {
  const of = (environment: Record<string, string>, unicode = true): string => detectLanguage(environment, unicode).code;
  assert.equal(of({ LANG: "de_AT.UTF-8" }), "de");
  assert.equal(of({ LANG: "de_DE.UTF-8", LC_MESSAGES: "fr_FR.UTF-8" }), "fr");
  assert.equal(of({ LANG: "de_DE.UTF-8", LC_MESSAGES: "fr_FR.UTF-8", LC_ALL: "es_MX.UTF-8" }), "es");
  assert.equal(of({ LANG: "de_DE.UTF-8", LC_ALL: "" }), "de");
  assert.equal(of({ LANG: "de_DE.UTF-8", LC_ALL: "C" }), "en");
  assert.equal(of({ LANG: "C.UTF-8", LANGUAGE: "de" }), "en", "GNU heeds the list only with a locale");
  assert.equal(of({ LANG: "pt_BR.UTF-8", LANGUAGE: "pt:es:fr" }), "es");
  assert.equal(of({ LANG: "pt_BR.UTF-8" }), "en");
  assert.equal(of({ LANG: "zh_CN.UTF-8" }), "zh");
  assert.equal(of({ LANG: "ja_JP.UTF-8" }), "ja");
  assert.equal(of({ LANG: "ja_JP.eucJP" }, false), "en");
  assert.equal(detectLanguage({ LANG: "ja_JP.UTF-8" }, true, true).code, "en", "the Linux console has no kanji");
  assert.equal(detectLanguage({ LANG: "de_DE.UTF-8" }, true, true).code, "de");
  assert.equal(of({}), "en");
  assert.equal(findLanguage("zh-Hans")?.code, "zh");
  assert.equal(findLanguage("deutsch"), undefined);
});
