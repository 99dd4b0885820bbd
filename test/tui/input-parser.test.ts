import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { runTerminalInput } from "../../fuzz/terminal-input.ts";
import { InputParser, type InputEvent } from "../../src/tui/index.ts";

function events(...chunks: (string | Uint8Array)[]): InputEvent[] {
  const out: InputEvent[] = [];
  const parser = new InputParser((event) => out.push(event));
  for (const chunk of chunks) parser.feed(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
  parser.flush();
  return out;
}

const keys = (...chunks: (string | Uint8Array)[]): string[] =>
  events(...chunks).map((event) => (event.kind === "key" ? event.key : event.kind));

test("keys of a terminal", () => {
  assert.deepEqual(keys("qS/ \r\t\x7f\x03\x1a\x02"), [
    "q",
    "S",
    "/",
    "space",
    "enter",
    "tab",
    "backspace",
    "ctrl-c",
    "ctrl-z",
    "ctrl-b",
  ]);
  assert.deepEqual(keys("\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1b[4~\x1b[Z\x1bOP\x1b[[A\x1b[15~"), [
    "up",
    "down",
    "pageup",
    "pagedown",
    "home",
    "end",
    "shift-tab",
    "f1",
    "f1",
    "f5",
  ]);
  assert.deepEqual(keys("\x1b[1;5C\x1bx\x1b[1;2A"), ["ctrl-right", "alt-x", "shift-up"]);
  assert.deepEqual(keys(Buffer.from("é日👍")), ["é", "日", "👍"]);
  assert.deepEqual(keys("\x1b[97u\x1b[99;5u\x1b[27u\x1b[97;2u"), ["a", "ctrl-c", "escape", "A"]);
});

test("a lone ESC is the Escape key once no more comes", () => {
  assert.deepEqual(keys("\x1b"), ["escape"]);
  assert.deepEqual(keys("\x1b\x1b"), ["escape", "escape"]);
  assert.deepEqual(keys("\x1b", "[A"), ["up"]);
});

test("mouse", () => {
  assert.deepEqual(events("\x1b[<0;3;5M\x1b[<0;3;5m\x1b[<64;1;1M\x1b[<65;200;50M\x1b[<32;2;2M"), [
    { kind: "mouse", action: "press", button: 0, x: 2, y: 4 },
    { kind: "mouse", action: "release", button: 0, x: 2, y: 4 },
    { kind: "mouse", action: "wheelup", button: 0, x: 0, y: 0 },
    { kind: "mouse", action: "wheeldown", button: 1, x: 199, y: 49 },
    { kind: "mouse", action: "drag", button: 0, x: 1, y: 1 },
  ]);
  assert.deepEqual(events("\x1b[<0;0;0M\x1b[<9999999;1;1M\x1b[<0;1M"), []);
});

test("a paste is text, never keys, and is bounded", () => {
  assert.deepEqual(events("\x1b[200~qx\x1b[A\n\x1b[201~j"), [
    { kind: "paste", text: "qx\x1b[A\n" },
    { kind: "key", key: "j" },
  ]);
  const [paste, after] = events(`\x1b[200~${"q".repeat(200_000)}\x1b[201~j`);
  assert.equal(paste?.kind === "paste" ? paste.text.length : -1, 65_536);
  assert.deepEqual(after, { kind: "key", key: "j" });
  assert.deepEqual(keys("\x1b[200~lost end\x03q"), ["paste", "ctrl-c", "q"]);
});

test("answers of the terminal and overlong sequences are not keys", () => {
  assert.deepEqual(keys("\x1b[?62;4c\x1b]11;rgb:0000/0000/0000\x07\x1bP1+r\x1b\\\x1b[?2026;2$yq"), [
    "report",
    "report",
    "q",
  ]);
  assert.deepEqual(keys(`\x1b[${"1;".repeat(5000)}Aq`), ["q"]);
});

const piece = fc.constantFrom(
  "\x1b[A",
  "\x1bOQ",
  "q",
  "\r",
  "\x1b[<0;3;4M",
  "\x1b[200~pa\x1bste\x1b[201~",
  "\x1b[3~",
  "\xc3\xa9",
);

test("where the bytes are split does not matter", () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
      (pieces, sizes) => {
        const whole = pieces.join("");
        const chunks: string[] = [];
        for (let at = 0; at < whole.length;) {
          const size = sizes.next().value;
          chunks.push(whole.slice(at, at + size));
          at += size;
        }
        assert.deepEqual(events(...chunks), events(whole));
      },
    ),
  );
});

test("any bytes are survived, and the parser comes back to keys", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    piece.map((text) => Buffer.from(text, "latin1")),
  );
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 20 }), (chunks) => {
      const out: InputEvent[] = [];
      const parser = new InputParser((event) => out.push(event));
      for (const chunk of chunks) parser.feed(chunk);
      for (const event of out) if (event.kind === "key") assert.ok(!/[\p{Cc}\p{Cs}]/u.test(event.key), event.key);
      // End of paste, of string and of sequence, then an interrupt: it must always get through.
      parser.feed(Buffer.from("\x1b[201~\x07\x18\x03\x03", "latin1"));
      parser.flush();
      assert.ok(out.some((event) => event.kind === "key" && event.key === "ctrl-c"));
    }),
    { numRuns: 500 },
  );
});

test("the fuzz target finds nothing in a short run", () => {
  const { inputs, events } = runTerminalInput(5000, 7);
  assert.equal(inputs, 5000);
  assert.ok(events > inputs);
});
