/**
 * The privileged process. Opens everything, starts the engine with the descriptors inherited, then only answers the
 * requests of `requests.ts` and waits: no timer, no parsing of anything that came over a network.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { readingProblem } from "../../host/linux/file-problems.ts";
import { readProcessAccess, findSocketOwners } from "../../host/linux/process-access.ts";
import { dropTarget } from "../../host/linux/privileges.ts";
import { openResources } from "../../host/linux/resources.ts";
import type { OpenedSocketPlane, ResourceFailure, ResourceOptions, Resources } from "../../host/linux/resources.ts";
import { writeState, type ScreenFiles } from "../config/files.ts";
import { ClipboardTool } from "./clipboard-tool.ts";
import { engineEnvironment } from "./engine-environment.ts";
import { ExportFiles } from "./export-file.ts";
import { invokingUser, type InvokingUser } from "./invoking-user.ts";
import { INHERITANCE } from "./inheritance.ts";
import type { Inheritance } from "./inheritance.ts";
import { type ConvertFileOptions, openConvertFiles, type OpenConvertFiles } from "./convert-files.ts";
import { openRecordingFiles, settleFiles } from "./recording-files.ts";
import type { OpenRecordingFiles, RecordingFileOptions } from "./recording-files.ts";
import { LineSplitter, answer, parseRequest } from "./requests.ts";
import type { Actions } from "./requests.ts";
import { guardTerminal } from "./terminal-guard.ts";

export interface BrokerOptions extends ResourceOptions {
  /** Files of the recording, opened as the command line says. */
  readonly recordingFiles?: RecordingFileOptions;
  /** Files of a conversion, beside those that are read. */
  readonly convert?: ConvertFileOptions;
  /** The command line, which the engine reads again. */
  readonly args: readonly string[];
  readonly files: ScreenFiles;
  /** Written to the terminal when the engine died without restoring it; empty for a run without a screen. */
  readonly terminalReset: string;
  readonly openSocketPlane: () => OpenedSocketPlane;
}

/** Descriptors 0 to 2 are the standard ones; then the two sockets; then what was opened. */
const CONTROL = 3;
const LIFELINE = 4;
const FIRST = 5;
/** How long the engine may take to end after it was told to: more than the 5 s that it waits for a slow reader. */
const GRACE_MILLISECONDS = 6000;
/** Refused requests that are remembered for the log. */
const LOGGED = 20;

/**
 * Node's flags for the engine. V8's helper threads would wake four times as often as the engine itself, and the garbage
 * that they leave until later costs 20 MB: V8 does its work in the one thread, a little at a time.
 */
const ENGINE_FLAGS = [
  "--disable-warning=ExperimentalWarning",
  "--disable-sigusr1",
  "--single-threaded",
  "--v8-pool-size=1",
  "--max-semi-space-size=2",
];

/**
 * For a replay, which does not wait for anything: helper threads compile and collect garbage beside it, and in a larger young
 * generation most of what a flow leaves behind is gone before it is copied.
 */
const REPLAY_FLAGS = [
  "--disable-warning=ExperimentalWarning",
  "--disable-sigusr1",
  "--v8-pool-size=2",
  "--max-semi-space-size=16",
];

/** On the screen somebody waits for keys: a smaller young generation is collected in 2 ms, not in 8, though more often. */
const PLAY_FLAGS = [...REPLAY_FLAGS.slice(0, -1), "--max-semi-space-size=4"];

/** A conversion reads a pipe, compresses and writes at the same time; a pipe that is quiet must not hold up the others. */
const CONVERT_THREADS = 4;

/** As JSON leaves out what is not there. */
type Told = { readonly [Field in keyof Inheritance]-?: Inheritance[Field] | undefined };

/** Numbers the descriptors as the engine will see them, in the order of `list`. */
function inherit(
  resources: Resources,
  files: ScreenFiles,
  recordingFiles: OpenRecordingFiles,
  convert: OpenConvertFiles | undefined,
  list: number[],
): Told {
  const give = (fd: number): number => FIRST + list.push(fd) - 1;
  const { level, socketPlane, packetRings, conntrack, replay, sidecars, replayFilters, captureFilter, recordingRing } =
    resources;
  return {
    level: level.level,
    reason: level.reason,
    missing: level.missing,
    target: dropTarget(process.getuid?.() ?? 0, process.getgid?.() ?? 0, process.env),
    control: CONTROL,
    lifeline: LIFELINE,
    packetRings: packetRings.map((ring) => ({ ...ring, fd: give(ring.fd) })),
    socketPlane: socketPlane && { ...socketPlane, descriptors: socketPlane.descriptors.map(give) },
    conntrack: conntrack && give(conntrack),
    configuration: files.configuration && {
      fd: give(files.configuration.descriptor),
      path: files.configuration.path,
    },
    state: files.state && give(files.state),
    replay: replay?.map(give),
    sidecars: sidecars?.map(({ fd, name }) => ({ fd: give(fd), name })),
    replayFilters: replayFilters && encodeFilters(replayFilters),
    captureFilter: captureFilter && Buffer.from(captureFilter).toString("base64"),
    recording: recordingRing && {
      ring: { ...recordingRing, fd: give(recordingRing.fd) },
      files: recordingFiles.files.map((fd) => (fd === 1 ? 1 : give(fd))),
      ...(recordingFiles.sidecars && { sidecars: recordingFiles.sidecars.map(give) }),
    },
    convert: convert && inheritConvert(convert, give),
  };
}

function inheritConvert(
  { output, sidecars, key }: OpenConvertFiles,
  give: (fd: number) => number,
): NonNullable<Inheritance["convert"]> {
  const [file = 1] = output.files;
  const [beside] = output.sidecars ?? [];
  return {
    output: file === 1 ? 1 : give(file),
    ...(beside !== undefined && { beside: give(beside) }),
    sidecars: sidecars.map((fd) => (fd === undefined ? null : give(fd))),
    ...(key !== undefined && { key: give(key) }),
  };
}

function encodeFilters(filters: ReadonlyMap<number, Uint8Array>): Record<string, string> {
  return Object.fromEntries([...filters].map(([link, program]) => [link, Buffer.from(program).toString("base64")]));
}

function startEngine(
  resources: Resources,
  { args, files, terminalReset }: BrokerOptions,
  recordingFiles: OpenRecordingFiles,
  convert: OpenConvertFiles | undefined,
): ChildProcess {
  const descriptors: number[] = [];
  const inheritance = inherit(resources, files, recordingFiles, convert, descriptors);
  const enter = join(import.meta.dirname, "../engine/enter.ts");
  const flags = resources.replay === undefined ? ENGINE_FLAGS : terminalReset === "" ? REPLAY_FLAGS : PLAY_FLAGS;
  return spawn(process.execPath, [...flags, enter, ...args], {
    stdio: ["inherit", "inherit", "inherit", "pipe", "pipe", ...descriptors],
    env: {
      ...engineEnvironment(process.env),
      UV_THREADPOOL_SIZE: String(convert === undefined ? 1 : CONVERT_THREADS),
      [INHERITANCE]: JSON.stringify(inheritance),
    },
  });
}

/** Undefined: it was removed. */
function startDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** Answers requests on `control` until it ends. Refusals go to `log`, the first few of them. */
function serve(control: Duplex, user: InvokingUser, log: string[], remember: (text: string) => void): void {
  const files = new ExportFiles(user, startDirectory());
  const clipboard = new ClipboardTool(user);
  const actions: Actions = {
    owners: findSocketOwners,
    process: readProcessAccess,
    suspend: () => void process.kill(0, "SIGTSTP"),
    create: (path, overwrite) => files.create(path, overwrite),
    write: (bytes) => files.write(bytes),
    finish(complete) {
      if (complete) return files.finish();
      files.abandon();
      return {};
    },
    clipboard: (text) => clipboard.copy(text),
    remember,
  };
  control.on("close", () => files.abandon());
  const lines = new LineSplitter((line) => {
    const request = parseRequest(line);
    if (typeof request === "string") {
      if (log.length < LOGGED) log.push(`refused a request of the engine: ${request}`);
    } else if (!control.write(`${JSON.stringify(answer(request, actions))}\n`)) {
      control.pause();
    }
  });
  control.setEncoding("latin1");
  control.on("data", (text: string) => {
    if (!lines.push(text)) control.destroy();
  });
  control.on("drain", () => control.resume());
  // The engine is gone or broke the rules; its end is reported by its exit.
  control.on("error", () => control.destroy());
}

interface OpenedFiles {
  readonly recorded: OpenRecordingFiles;
  readonly converted: OpenConvertFiles | undefined;
}

/** The files that the command line names to be written, or why not. */
function openFiles({ recordingFiles, convert }: BrokerOptions, user: InvokingUser): OpenedFiles | ResourceFailure {
  const recorded = recordingFiles === undefined ? { files: [] } : openRecordingFiles(recordingFiles, user);
  if (typeof recorded === "string") return { problem: recorded, isMistake: false };
  const converted = convert && openConvertFiles(convert, user);
  return converted !== undefined && "problem" in converted ? converted : { recorded, converted };
}

/** Writes the line for the person and returns the exit code. */
function tell({ problem, isMistake }: ResourceFailure): number {
  process.stderr.write(`socklens: ${problem}\n`);
  return isMistake ? 2 : 1;
}

type Ending = readonly [code: number | null, signal: NodeJS.Signals | null];

/** How the engine ended, to which signals are passed on. What keeps it from starting goes to `log`. */
function endingOf(engine: ChildProcess, log: string[]): Promise<Ending> {
  const stop = (signal: NodeJS.Signals): void => {
    engine.kill(signal);
    setTimeout(() => engine.kill("SIGKILL"), GRACE_MILLISECONDS).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  return new Promise<Ending>((resolve) => {
    engine.on("error", (error) => {
      log.push(`cannot start the engine: ${readingProblem(error)}`);
      resolve([1, null]);
    });
    engine.on("exit", (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
  });
}

/** Runs the program and returns its exit code: the engine's own, or 1 when the engine did not end by itself. */
export async function runBroker(options: BrokerOptions): Promise<number> {
  const resources = openResources(options, options.openSocketPlane);
  if ("problem" in resources) return tell(resources);
  const user = invokingUser();
  const opened = openFiles(options, user);
  if ("problem" in opened) return tell(opened);
  const { recorded, converted } = opened;
  const guard = guardTerminal();
  const log: string[] = [];
  const engine = startEngine(resources, options, recorded, converted);
  // There are no sockets where descriptors ran out: then the engine did not start.
  const sockets = (engine.stdio as readonly unknown[] | undefined) ?? [];
  const control = sockets[CONTROL] as Duplex | undefined;
  // Never written, never read: its end is the message.
  (sockets[LIFELINE] as Duplex | undefined)?.on("error", () => {});
  let remembered: string | undefined;
  if (control !== undefined) serve(control, user, log, (text) => (remembered = text));

  const [code, signal] = await endingOf(engine, log);
  if (signal !== null) {
    guard.restore(options.terminalReset);
    log.push(`the engine was ended by ${signal} (${constants.signals[signal]})`);
  }
  const { statePath } = options.files;
  if (remembered !== undefined && statePath !== undefined) writeState(user, statePath, remembered);
  const unsettled = settleFiles(converted?.output ?? recorded, signal === null);
  if (unsettled !== undefined) log.push(unsettled);
  for (const line of log) process.stderr.write(`socklens: ${line}\n`);
  control?.destroy();
  return unsettled === undefined ? (code ?? 1) : 1;
}
