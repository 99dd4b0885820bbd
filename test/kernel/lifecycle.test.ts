/** How the program ends: either process killed, signals, the terminal afterwards. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { childOf, commandLine, isGone } from "../broker/install.ts";
import { executable, missing, Task, Terminal, until } from "./harness/index.ts";

const skip = missing() ?? false;
const noTerminal = missing("tmux") ?? false;

async function start(): Promise<{ task: Task; engine: number }> {
  const task = new Task([executable, "--json", "--interval", "0.2"]);
  await task.line(/\n/);
  const engine = childOf(task.pid);
  assert.match(commandLine(engine), /engine\/main\.ts/, task.describe());
  return { task, engine };
}

const bothGone = (broker: number, engine: number): Promise<boolean> =>
  until(() => isGone(broker) && isGone(engine), 5000, 10);

describe("the program ends whole", { skip }, () => {
  it("when the engine is killed", async () => {
    const { task, engine } = await start();
    process.kill(engine, "SIGKILL");
    assert.ok(await bothGone(task.pid, engine), task.describe());
    assert.equal(await task.ended, 1);
    assert.match(task.stderr, /ended by SIGKILL/);
  });

  it("when the broker is killed", async () => {
    const { task, engine } = await start();
    process.kill(task.pid, "SIGKILL");
    assert.ok(await bothGone(task.pid, engine), task.describe());
    assert.equal(await task.ended, "SIGKILL");
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    for (const side of ["broker", "engine"] as const) {
      it(`in good order when the ${side} gets ${signal}`, async () => {
        const { task, engine } = await start();
        process.kill(side === "broker" ? task.pid : engine, signal);
        assert.ok(await bothGone(task.pid, engine), task.describe());
        assert.equal(await task.ended, 0, task.describe());
        // On a busy machine the test itself may be the slow reader that is complained of.
        assert.match(
          task.stderr,
          /^(?:socklens: \d+ records were not written: the reader of the output was too slow\n)?$/,
        );
        assert.match(task.stdout, /\}\n$/, "the last line is whole");
      });
    }
  }
});

/** The broker that runs below the shell of a terminal. */
async function brokerOf(shell: number): Promise<number> {
  let broker = 0;
  await until(() => {
    broker = childOf(shell);
    return broker > 0 && /engine\/main\.ts/.test(commandLine(childOf(broker)));
  }, 60_000);
  return broker;
}

describe("the terminal is usable", { skip: noTerminal }, () => {
  for (const victim of ["broker", "engine"] as const) {
    it(`after the ${victim} was killed`, async () => {
      const terminal = new Terminal(100, 30);
      try {
        const shell = Number(terminal.fact("pane_pid"));
        terminal.enter(`'${executable}'`);
        await until(() => terminal.fact("alternate_on") === "1", 60_000);
        assert.equal(terminal.fact("alternate_on"), "1", terminal.lines().join("\n"));
        const broker = await brokerOf(shell);
        const engine = childOf(broker);
        process.kill(victim === "broker" ? broker : engine, "SIGKILL");
        assert.ok(await bothGone(broker, engine), "a process is left");
        await until(() => terminal.fact("alternate_on") === "0", 5000);
        assert.equal(terminal.fact("alternate_on"), "0");
        assert.equal(terminal.fact("mouse_any_flag"), "0");
        assert.equal(terminal.fact("cursor_flag"), "1");
        terminal.enter("stty -a; echo it is us''able");
        const lines = await terminal.shows((all) => all.includes("it is usable"), "the answer to what was typed");
        const settings = lines.join(" ");
        for (const mode of ["icanon", "echo", "isig", "icrnl", "opost"]) {
          assert.match(settings, new RegExp(`(?<!-)\\b${mode}\\b`), `${mode} is not back`);
        }
        assert.ok(
          lines.some((line) => line.includes("us''able")),
          "what is typed is not echoed",
        );
      } finally {
        terminal.close();
      }
    });
  }

  it("while the program is stopped with Ctrl-Z, and again after fg", async () => {
    const terminal = new Terminal(100, 30);
    try {
      terminal.become(["env", "PS1=$ ", "bash", "--norc", "--noprofile", "-i"]);
      await terminal.shows((all) => all.some((line) => line.startsWith("$")), "a prompt");
      terminal.enter(`'${executable}'`);
      await until(() => terminal.fact("alternate_on") === "1", 60_000);
      terminal.press("C-z");
      await until(() => terminal.fact("alternate_on") === "0", 60_000);
      terminal.enter("echo st''opped");
      await terminal.shows((all) => all.includes("stopped"), "the shell's answer");
      terminal.enter("fg");
      assert.ok(await until(() => terminal.fact("alternate_on") === "1", 60_000), terminal.lines().join("\n"));
      terminal.press("q");
      terminal.press("q");
      assert.ok(await until(() => terminal.fact("alternate_on") === "0", 60_000), terminal.lines().join("\n"));
    } finally {
      terminal.close();
    }
  });
});
