/** Fingers that know RustNet find its keys and its words of the filter where they were (state: its version 1.6). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../src/query/index.ts";
import { KeyMap, keyTable, type Command } from "../../src/tui/keys.ts";

const keys: readonly (readonly [keys: string, command: Command])[] = [
  ["tab ]", "nextTab"],
  ["shift-tab [", "previousTab"],
  ["1", "tab1"],
  ["2", "tab2"],
  ["3", "tab3"],
  ["4", "tab4"],
  ["h", "help"],
  ["q ctrl-c", "quit"],
  ["x", "clear"],
  ["escape", "back"],
  ["up k", "up"],
  ["down j", "down"],
  ["g", "first"],
  ["G", "last"],
  ["pageup ctrl-b", "pageUp"],
  ["pagedown ctrl-f", "pageDown"],
  ["ctrl-u", "halfUp"],
  ["ctrl-d", "halfDown"],
  ["enter", "details"],
  ["/", "filter"],
  ["c", "copy"],
  ["p", "ports"],
  ["d", "names"],
  ["s", "sort"],
  ["S", "sortReverse"],
  ["a", "group"],
  ["space", "toggleGroup"],
  ["left", "collapse"],
  ["right l", "expand"],
  ["t", "closed"],
  ["i", "sidebar"],
  ["r", "reset"],
];

test("every key of RustNet does the same here", () => {
  const map = new KeyMap(keyTable);
  for (const [list, command] of keys) {
    for (const key of list.split(" ")) assert.equal(map.command(key, "overview"), command, key);
  }
});

test("every word of RustNet's filter, its expressions and terms side by side are valid here", () => {
  const words =
    "port sport srcport source-port dport dstport dest-port destination-port src source dst dest destination proto " +
    "protocol process proc service svc sni host hostname app application state ssh pod ns namespace container cont";
  for (const word of words.split(" ")) {
    const query = compile(`${word}:${word.endsWith("port") ? "443" : "text"}`);
    assert.ok(query.ok, word);
  }
  for (const text of ["/fire.*x/", "port:443 sni:/cdn/", "firefox port:22", "src:192.168 dst:github", "established"]) {
    const query = compile(text);
    assert.ok(query.ok, text);
  }
});
