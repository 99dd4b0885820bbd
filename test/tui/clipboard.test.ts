import assert from "node:assert/strict";
import { test } from "node:test";
import { clipboardSequence, clipboardText, detectMultiplexer } from "../../src/tui/clipboard.ts";
import { snapshotOf, story, threeRows } from "./story.ts";

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

test("the terminal is asked by OSC 52, through tmux and screen as they want it", () => {
  const plain = `\x1b]52;c;${base64("é:1")}\x07`;
  assert.equal(clipboardSequence("é:1"), plain);
  assert.equal(clipboardSequence("é:1", "tmux"), `${plain}\x1bPtmux;\x1b${plain}\x1b\\`);
  assert.equal(clipboardSequence("é:1", "screen"), `\x1bP${plain}\x1b\\`);
  const long = clipboardSequence("x".repeat(3000), "screen");
  const pieces = long.split("\x1b\\").slice(0, -1);
  assert.ok(pieces.length > 5 && pieces.every((piece) => piece.startsWith("\x1bP") && piece.length <= 768));
  assert.equal(pieces.map((piece) => piece.slice(2)).join(""), `\x1b]52;c;${base64("x".repeat(3000))}\x07`);
});

test("the multiplexer is the one of the environment, the inner one first", () => {
  assert.equal(detectMultiplexer({ TMUX: "/tmp/tmux-0/default,1,0" }), "tmux");
  assert.equal(detectMultiplexer({ STY: "123.pts-0.host" }), "screen");
  assert.equal(detectMultiplexer({ TMUX: "", STY: "" }), undefined);
});

test("what acts when it is pasted is taken out, and length is bounded", () => {
  assert.equal(clipboardText("rm -rf /\r\n\x1b[201~\u2028x"), "rm -rf /[201~x");
  assert.equal(clipboardText("y".repeat(100_000)).length, 8192);
});

test("c asks the terminal and the desktop for the same text", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  const copied: string[] = [];
  Object.assign(one.engine, { copy: (text: string) => void copied.push(text) });
  await one.keys("jc");
  assert.deepEqual(copied, ["93.184.216.34:443"]);
  assert.ok(one.terminal.writes.some((write) => write.includes(`\x1b]52;c;${base64("93.184.216.34:443")}\x07`)));
});
