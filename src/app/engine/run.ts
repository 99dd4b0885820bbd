/** What the engine does once it is unprivileged: the table, and the screen or the writer that reads it. */
import { createInspectorFactory, portHint } from "../../dissect/index.ts";
import { familyOf, openGeoDatabases, readServices, type GeoDatabases } from "../../enrich/index.ts";
import { createFlowEngine } from "../../flow/index.ts";
import type { Admission, AdmissionFacts, FlowEngine } from "../../flow/index.ts";
import { admissionBy } from "../../host/linux/flow-admission.ts";
import { epochMillis } from "../../model/index.ts";
import type { Host, InterfaceInfo } from "../../model/index.ts";
import { createScreen, openProcessTerminal } from "../../tui/index.ts";
import { writeRemembered } from "../config/index.ts";
import type { Command } from "../cli/index.ts";
import { cryptography } from "../cryptography.ts";
import { runHeadless, systemClock, type HeadlessRun } from "../headless.ts";
import { standardOutput } from "../output.ts";
import { recordingText, runRecord, startRecording, type Recording } from "../record/run-record.ts";
import type { EngineContext } from "./context.ts";
import { createHost } from "./live-host.ts";
import { screenEngine, screenOptions, setUpScreen, type ScreenSetup } from "./screen-setup.ts";

type ScreenCommand = Extract<Command, { readonly kind: "screen" }>;
/** Watches this machine. */
type LiveCommand = Extract<Command, { readonly kind: "screen" | "headless" | "record" }>;
/** With the host that was made of its planes. */
type LiveContext = EngineContext & { readonly host: Host };

/** Shows the screen until the person quits or `stop` is aborted. */
async function runScreen(
  engine: FlowEngine,
  command: ScreenCommand,
  setup: ScreenSetup,
  context: LiveContext,
  geo: GeoDatabases,
): Promise<number> {
  const { configuration } = setup;
  const { stop, suspend } = context;
  const recording = recordBeside(engine, command, context);
  if (typeof recording === "number") return recording;
  const { promise: quit, resolve } = Promise.withResolvers<void>();
  // Signals abort `stop`: the terminal only has to let them.
  const terminal = openProcessTerminal({ noColor: !command.color, onSignal: () => {}, stop: suspend });
  const screen = createScreen({
    terminal,
    engine: {
      ...screenEngine(() => engine, context.broker),
      quit: resolve,
      ...(context.host.network && { network: context.host.network }),
      knowsCountries: geo.types.length > 0,
    },
    options: screenOptions(setup, terminal),
  });
  const tick = (): void => {
    screen.update(engine.tick(epochMillis(Date.now())));
    recording?.endFlows(engine.takeEnded());
  };
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
  return (await endRecording(recording)) ? 0 : 1;
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

/** `socklens record`. */
function record(
  engine: FlowEngine,
  command: Extract<Command, { readonly kind: "record" }>,
  { recording: source, host, stop }: LiveContext,
): Promise<number> {
  if (source === undefined) throw new Error("record: the broker handed no file over");
  const { source: frames, recording: options, filter, packets, duration } = command;
  return runRecord({
    engine,
    interfaces: () => host.interfaces.read(),
    source,
    frames,
    options,
    stop,
    status: process.stderr,
    ...(filter !== undefined && { filter }),
    ...(packets !== undefined && { packets }),
    ...(duration !== undefined && { duration }),
  });
}

/** The recording beside the screen or the writer, when one is asked for, or the exit code where it cannot begin. */
function recordBeside(
  engine: FlowEngine,
  command: Extract<Command, { readonly kind: "screen" | "headless" }>,
  { recording: source, host }: LiveContext,
): Recording | number | undefined {
  const { recording: options, source: frames } = command;
  if (options === undefined || source === undefined) return undefined;
  const interfaces = (): readonly InterfaceInfo[] => host.interfaces.read();
  const recording = startRecording({ engine, interfaces, source, frames, options, ended: () => {} });
  if (!("problem" in recording)) return recording;
  process.stderr.write(`socklens: ${recording.problem}\n`);
  return recording.isMistake ? 2 : 1;
}

/** The engine as the writer sees it: what ended goes to the recording too, which ends before the table does. */
function sharedWith(engine: FlowEngine, recording: Recording): HeadlessRun["engine"] {
  return {
    tick: (now) => engine.tick(now),
    changed: () => engine.changed(),
    takeEnded() {
      const rows = engine.takeEnded();
      recording.endFlows(rows);
      return rows;
    },
    close() {
      recording.flush();
      engine.close();
    },
  };
}

/** Ends the recording, and says how it went. */
async function endRecording(recording: Recording | undefined): Promise<boolean> {
  if (recording === undefined) return true;
  const facts = await recording.stop();
  process.stderr.write(`socklens: ${facts.failed ?? recordingText(facts)}\n`);
  return facts.failed === undefined;
}

/** Watches this machine until the command is done or `stop` is aborted; the exit code. */
export async function runLive(command: LiveCommand, given: EngineContext): Promise<number> {
  const host = createHost(given.planes, given.broker);
  if (typeof host === "string") {
    process.stderr.write(`socklens: ${host}\n`);
    return 1;
  }
  const code = await watch(command, { ...given, host });
  host.close();
  return code;
}

async function watch(command: LiveCommand, context: LiveContext): Promise<number> {
  const { host, stop } = context;
  const setup = command.kind === "screen" ? setUpScreen(command, context) : undefined;
  if (setup !== undefined && "problem" in setup) {
    process.stderr.write(`${setup.problem}\n`);
    return 2;
  }
  const admits = admissionOf(command.source.interfaces, context.captureFilter);
  const geo = openGeoDatabases();
  const engine = createFlowEngine({
    host,
    createInspectors: createInspectorFactory,
    crypto: cryptography,
    portHint,
    services: readServices(),
    families: familyOf,
    geo: geo.lookup,
    // Only the screen shows rates over longer times than one tick.
    means: command.kind === "screen",
    ...(admits && { admits }),
    ...(setup && { shares: setup.shares }),
  });
  try {
    if (command.kind === "screen" && setup !== undefined) return await runScreen(engine, command, setup, context, geo);
    if (command.kind === "record") return await record(engine, command, context);
    if (command.kind !== "headless") throw new Error("screen: there are no settings");
    const recording = recordBeside(engine, command, context);
    if (typeof recording === "number") return recording;
    const output = standardOutput();
    const shared = recording === undefined ? engine : sharedWith(engine, recording);
    const run = { engine: shared, options: command.output, output, clock: systemClock, stop };
    const { code, problem } = await runHeadless(run);
    if (problem !== undefined) process.stderr.write(`socklens: ${problem}\n`);
    return (await endRecording(recording)) ? code : 1;
  } finally {
    engine.close();
  }
}
