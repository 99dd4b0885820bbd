import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { findTheme, parseTheme } from "../../src/tui/index.ts";
import { snapshotOf, story, threeRows } from "./story.ts";

const parse = (value: unknown): ReturnType<typeof parseTheme> => parseTheme(value, findTheme);

test("a user's theme stands on another one, and is drawn", async () => {
  const parsed = parse({
    name: "mine",
    base: "nord",
    roles: { title: "#123456", process: { fg: "bright-red", bg: "black", bold: true, underline: false } },
  });
  assert.ok(parsed.ok);
  const { theme } = parsed;
  assert.equal(theme.light, false);
  assert.deepEqual(theme.roles.title, { fg: { rgb: 0x123456, ansi: 0 } });
  assert.deepEqual(theme.roles.text, findTheme("nord")?.roles.text);
  assert.equal(theme.roles.process.fg?.ansi, 9);
  const one = story("120x40", snapshotOf(threeRows), { theme, themes: [theme] });
  await one.lines();
  assert.equal(one.terminal.cell(1, 0)?.getFgColor(), 0x123456);
  assert.ok(
    (await one.keys("T")).some((line) => line.includes("● mine")),
    "it stands in the list",
  );
});

test("what is wrong is told with its place", () => {
  for (const [value, path, message] of [
    [7, [], /table/],
    [{}, ["name"], /name/],
    [{ name: "a b" }, ["name"], /letters/],
    [{ name: "a", base: "nrod" }, ["base"], /"nrod"/],
    [{ name: "a", light: 1 }, ["light"], /true or false/],
    [{ name: "a", colour: 1 }, ["colour"], /no "colour"/],
    [{ name: "a", roles: [] }, ["roles"], /table/],
    [{ name: "a", roles: { titel: "#000000" } }, ["roles", "titel"], /no role "titel"/],
    [{ name: "a", roles: { title: "#00000" } }, ["roles", "title"], /#rrggbb/],
    [{ name: "a", roles: { title: { fg: "pink" } } }, ["roles", "title", "fg"], /#rrggbb/],
    [{ name: "a", roles: { title: { bold: "yes" } } }, ["roles", "title", "bold"], /true or false/],
    [{ name: "a", roles: { title: { blink: true } } }, ["roles", "title", "blink"], /no "blink"/],
    [{ name: "a", roles: { title: null } }, ["roles", "title"], /style/],
  ] as const) {
    const parsed = parse(value);
    assert.ok(!parsed.ok, JSON.stringify(value));
    assert.deepEqual(parsed.path, path);
    assert.match(parsed.message, message);
  }
});

test("never throws, whatever a file holds", () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (roles, value) => {
      parse(value);
      parse({ name: "x", roles });
    }),
  );
});
