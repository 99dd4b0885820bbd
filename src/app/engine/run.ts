/** What the engine does once it is unprivileged: the table, and the screen or the writer that reads it. */
import { createInspectorFactory, portHint } from "../../dissect/index.ts";
import { readServices } from "../../enrich/index.ts";
import { createFlowEngine } from "../../flow/index.ts";
import type { Admission, AdmissionFacts, FlowEngine } from "../../flow/index.ts";
import { admissionBy } from "../../host/linux/flow-admission.ts";
import { epochMillis } from "../../model/index.ts";
import type { Host } from "../../model/index.ts";
import { createScreen, openProcessTerminal } from "../../tui/index.ts";
import { WRITE_LIMIT } from "../broker/requests.ts";
import { parseCommandLine } from "../cli/index.ts";
import type { Command } from "../cli/index.ts";
import { writeRemembered } from "../config/index.ts";
import { cryptography } from "../cryptography.ts";
import { runHeadless, systemClock } from "../headless.ts";
import { standardOutput } from "../output.ts";
import { runReplay } from "../replay.ts";
import { setUpScreen, type ScreenSetup } from "./screen-setup.ts";
import { writeExport, type ExportTarget } from "../screen-export.ts";

export interface EngineContext {
  readonly host: Host;
  /** Aborted when the program is to end; `runEngine` ends soon after. */
  readonly stop: AbortSignal;
  /** The command line, without runtime and file. */
  readonly args: readonly string[];
  /** Descriptor of the capture file to replay. */
  readonly replay: number | undefined;
  /** The capture filter as the broker compiled it, in base64. */
  readonly captureFilter: string | undefined;
  /** The configuration file of the screen. */
  readonly configuration: { readonly fd: number; readonly path: string } | undefined;
  /** What the screen remembered at the end of an earlier run. */
  readonly state: number | undefined;
  /** Writes files and reaches the clipboard: the engine may not. */
  readonly broker: ExportTarget & { copy(text: string): void; remember(text: string): void };
  /** Stops the whole job for the shell, as Ctrl-Z does; returns when it goes on. */
  readonly suspend: () => void;
}

type ReplayCommand = Extract<Command, { readonly kind: "replay" }>;
type ScreenCommand = Extract<Command, { readonly kind: "screen" }>;

/** Shows the screen until the person quits or `stop` is aborted. */
async function runScreen(
  engine: FlowEngine,
  command: ScreenCommand,
  { configuration, remembered }: ScreenSetup,
  context: EngineContext,
): Promise<number> {
  const { stop, suspend } = context;
  const { promise: quit, resolve } = Promise.withResolvers<void>();
  // Signals abort `stop`: the terminal only has to let them.
  const terminal = openProcessTerminal({ noColor: !command.color, onSignal: () => {}, stop: suspend });
  const screen = createScreen({
    terminal,
    engine: {
      clearClosed: () => engine.clearClosed(),
      quit: resolve,
      export: (request) => writeExport(request, context.broker, WRITE_LIMIT),
      copy: (text) => context.broker.copy(text),
    },
    options: {
      private: command.private,
      ...(configuration.theme === undefined ? {} : { theme: configuration.theme }),
      themes: configuration.themes,
      confirm: configuration.confirm,
      filter: configuration.filter,
      settings: configuration.settings,
      keys: configuration.keys,
      remembered,
    },
  });
  const tick = (): void => screen.update(engine.tick(epochMillis(Date.now())));
  const timer = setInterval(tick, configuration.refresh);
  stop.addEventListener("abort", () => resolve());
  try {
    tick();
    if (!stop.aborted) await quit;
  } finally {
    clearInterval(timer);
    screen.close();
    context.broker.remember(writeRemembered(screen.remembered(), configuration.settings.columns));
  }
  return 0;
}

/** Which flows there are to be, by interfaces and capture filter; undefined: all. */
function admissionOf(interfaces: readonly string[], captureFilter: string | undefined): Admission | undefined {
  if (interfaces.length === 0 && captureFilter === undefined) return undefined;
  const byFilter = captureFilter === undefined ? undefined : admissionBy(Buffer.from(captureFilter, "base64"));
  const names = new Set(interfaces);
  // A socket that listens on all addresses is on every interface.
  const isThere = ({ interfaceName, remoteAddress }: AdmissionFacts): boolean =>
    names.size === 0 || (interfaceName === undefined ? remoteAddress === "" : names.has(interfaceName));
  return (facts) => isThere(facts) && (byFilter?.(facts) ?? true);
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
  const setup = command.kind === "screen" ? setUpScreen(command, context) : undefined;
  if (setup !== undefined && "problem" in setup) {
    process.stderr.write(`${setup.problem}\n`);
    return 2;
  }
  const interfaces = "source" in command ? command.source.interfaces : [];
  const admits = admissionOf(interfaces, context.captureFilter);
  const engine = createFlowEngine({
    host,
    createInspectors: createInspectorFactory,
    crypto: cryptography,
    portHint,
    services: readServices(),
    ...(admits && { admits }),
    ...(setup && { shares: setup.shares }),
  });
  try {
    if (command.kind === "screen" && setup !== undefined) return await runScreen(engine, command, setup, context);
    if (command.kind !== "headless") throw new Error(`not a command for the engine: ${command.kind}`);
    const output = standardOutput();
    const { code, problem } = await runHeadless({ engine, options: command.output, output, clock: systemClock, stop });
    if (problem !== undefined) process.stderr.write(`socklens: ${problem}\n`);
    return code;
  } finally {
    engine.close();
  }
}
