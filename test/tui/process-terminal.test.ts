import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { detectColors, detectUnicode, terminalReset, terminalSetup } from "../../src/tui/index.ts";

const child = fileURLToPath(new URL("terminal-child.ts", import.meta.url));
const hasScript = spawnSync("script", ["--version"]).status === 0;
const skip = hasScript ? false : "script (util-linux) is not installed: no pty to test in";

/** Runs the child in a pty of its own, then asks the pty for its modes. */
function leave(way: string, input?: string): Promise<{ output: string; modes: string; status: string }> {
  const run = `'${process.execPath}' '${child}' ${way}; echo "<status $?>"; stty -a`;
  const pty = spawn("script", ["-qec", run, "/dev/null"], { timeout: 60_000, env: { ...process.env, TERM: "xterm" } });
  let text = "";
  pty.stdout.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
    if (input !== undefined && text.includes("<open>")) {
      pty.stdin.write(input);
      input = undefined;
    }
  });
  return new Promise((resolve, reject) => {
    pty.on("error", reject);
    pty.on("close", () => {
      const [output = "", rest = ""] = text.split("<status ");
      resolve({ output, modes: rest, status: rest.slice(0, rest.indexOf(">")) });
    });
  });
}

const ways: readonly (readonly [way: string, status: string])[] = [
  ["exit", "0"],
  ["close", "0"],
  ["throw", "1"],
  ["reject", "1"],
  ["SIGTERM", "143"],
  ["SIGHUP", "129"],
  ["SIGINT", "130"],
];

for (const [way, status] of ways) {
  test(`the terminal is restored: ${way}`, { skip }, async () => {
    const run = await leave(way);
    const at = run.output.indexOf(terminalSetup);
    assert.ok(at >= 0, "the screen was set up");
    assert.equal(run.output.split(terminalReset).length, 2, `once restored: ${JSON.stringify(run.output)}`);
    assert.ok(run.output.indexOf(terminalReset) > at);
    assert.equal(run.status, status);
    assert.match(run.modes, /[^-]icanon/);
    assert.match(run.modes, /[^-]echo /);
    if (way === "throw") assert.ok(run.output.indexOf("a bug") > run.output.indexOf(terminalReset), "told after");
  });
}

test("coming back from the shell sets the terminal up again", { skip }, async () => {
  const { output, modes } = await leave("suspend");
  assert.equal(output.split(terminalSetup).length, 3);
  assert.equal(output.split(terminalReset).length, 3);
  assert.ok(output.indexOf("<resumed>") > output.lastIndexOf(terminalSetup));
  assert.match(modes, /[^-]icanon/);
  assert.match(output, /<nonblocking true false true>/, "the shell's reads and writes wait as ever meanwhile");
});

test("keys come raw", { skip }, async () => {
  const { output } = await leave("input", "x");
  assert.ok(output.endsWith("<x>"), JSON.stringify(output));
});

test("colours by option and environment", () => {
  const colors = (environment: Record<string, string>, noColorOption = false): string =>
    detectColors({ noColorOption, environment });
  assert.equal(colors({ TERM: "xterm-256color", COLORTERM: "truecolor" }), "truecolor");
  assert.equal(colors({ TERM: "xterm-256color" }), "256");
  assert.equal(colors({ TERM: "xterm-direct" }), "truecolor");
  assert.equal(colors({ TERM: "screen" }), "16");
  assert.equal(colors({ TERM: "linux" }), "16");
  assert.equal(colors({ TERM: "vt100" }), "none");
  assert.equal(colors({ TERM: "dumb", COLORTERM: "truecolor" }), "none");
  assert.equal(colors({}), "none");
  assert.equal(colors({ TERM: "xterm-256color", NO_COLOR: "1" }), "none");
  assert.equal(colors({ TERM: "xterm-256color", NO_COLOR: "" }), "256");
  assert.equal(colors({ TERM: "xterm-256color", COLORTERM: "truecolor" }, true), "none");
});

test("UTF-8 by locale, in POSIX order", () => {
  assert.equal(detectUnicode({ LANG: "de_DE.UTF-8" }), true);
  assert.equal(detectUnicode({ LANG: "C.utf8" }), true);
  assert.equal(detectUnicode({ LANG: "de_DE.UTF-8", LC_ALL: "C" }), false);
  assert.equal(detectUnicode({ LANG: "C", LC_CTYPE: "en_US.UTF-8", LC_ALL: "" }), true);
  assert.equal(detectUnicode({}), false);
});
