/** What the engine does once it is unprivileged: the table, and the screen or the writer that reads it. */
import { createInspectorFactory, portHint } from "../../dissect/index.ts";
import { createFlowEngine } from "../../flow/index.ts";
import type { FlowEngine } from "../../flow/index.ts";
import { epochMillis } from "../../model/index.ts";
import type { Host } from "../../model/index.ts";
import { createScreen, openProcessTerminal } from "../../tui/index.ts";
import { parseCommandLine } from "../cli/index.ts";
import type { Command } from "../cli/index.ts";
import { cryptography } from "../cryptography.ts";
import { runHeadless, systemClock } from "../headless.ts";
import { standardOutput } from "../output.ts";
import { runReplay } from "../replay.ts";

export interface EngineContext {
  readonly host: Host;
  /** Aborted when the program is to end; `runEngine` ends soon after. */
  readonly stop: AbortSignal;
  /** The command line, without runtime and file. */
  readonly args: readonly string[];
  /** Descriptor of the capture file to replay. */
  readonly replay: number | undefined;
  /** Stops the whole job for the shell, as Ctrl-Z does; returns when it goes on. */
  readonly suspend: () => void;
}

type ReplayCommand = Extract<Command, { readonly kind: "replay" }>;
type ScreenCommand = Extract<Command, { readonly kind: "screen" }>;

/** Shows the screen until the person quits or `stop` is aborted. */
async function runScreen(engine: FlowEngine, command: ScreenCommand, context: EngineContext): Promise<number> {
  const { stop, suspend } = context;
  const { promise: quit, resolve } = Promise.withResolvers<void>();
  // Signals abort `stop`: the terminal only has to let them.
  const terminal = openProcessTerminal({ noColor: !command.color, onSignal: () => {}, stop: suspend });
  const screen = createScreen({
    terminal,
    engine: { clearClosed: () => engine.clearClosed(), quit: resolve },
    options: command.filterText === undefined ? {} : { filter: command.filterText },
  });
  const tick = (): void => screen.update(engine.tick(epochMillis(Date.now())));
  const timer = setInterval(tick, command.refresh);
  stop.addEventListener("abort", () => resolve());
  try {
    tick();
    if (!stop.aborted) await quit;
  } finally {
    clearInterval(timer);
    screen.close();
  }
  return 0;
}

/** Plays a capture file through an engine of its own. */
async function replay(command: ReplayCommand, context: EngineContext): Promise<number> {
  const { replay: descriptor, stop } = context;
  if (descriptor === undefined) throw new Error("replay: the broker handed no file over");
  const output = standardOutput();
  const { file, output: options } = command;
  const { code, problem } = await runReplay({ descriptor, file, options, output, clock: systemClock, stop });
  if (problem !== undefined) process.stderr.write(`socklens: ${problem}\n`);
  return code;
}

/** Runs the command until it is done or `stop` is aborted; the exit code. */
export async function runEngine(context: EngineContext): Promise<number> {
  const { host, stop, args } = context;
  const line = parseCommandLine(args, { terminal: process.stdout.isTTY });
  // The broker parsed the same words before.
  if (!line.ok) throw new Error(`command line: ${line.message}`);
  const { command } = line;
  if (command.kind === "replay") return replay(command, context);
  const engine = createFlowEngine({ host, createInspectors: createInspectorFactory, crypto: cryptography, portHint });
  try {
    if (command.kind === "screen") return await runScreen(engine, command, context);
    if (command.kind !== "headless") throw new Error(`not a command for the engine: ${command.kind}`);
    const output = standardOutput();
    const { code, problem } = await runHeadless({ engine, options: command.output, output, clock: systemClock, stop });
    if (problem !== undefined) process.stderr.write(`socklens: ${problem}\n`);
    return code;
  } finally {
    engine.close();
  }
}
