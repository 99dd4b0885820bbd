/** What the screen begins with: configuration, environment and command line together, and what it remembered. */
import { createVendorLookup } from "../../enrich/index.ts";
import { escapeText } from "../../export/index.ts";
import type { FlowEngine, Shares } from "../../flow/index.ts";
import {
  detectLanguage,
  findLanguage,
  type Remembered,
  type ScreenEngine,
  type ScreenParts,
  type TerminalPort,
} from "../../tui/index.ts";
import { WRITE_LIMIT } from "../broker/requests.ts";
import type { ScreenOptions } from "../cli/index.ts";
import {
  configurationLimit,
  noFile,
  problemLines,
  readConfiguration,
  readDescriptor,
  readRemembered,
  resolveConfiguration,
  stateLimit,
  type Configuration,
} from "../config/index.ts";
import { writeExport, type ExportTarget } from "../screen-export.ts";

export interface ScreenSetup {
  readonly configuration: Configuration;
  readonly remembered: Remembered;
  readonly shares: Shares;
}

/** Descriptors as the broker handed them over. */
export interface ScreenSources {
  readonly configuration: { readonly fd: number; readonly path: string } | undefined;
  readonly state: number | undefined;
}

/** `problem`: the mistakes of the person, a line each. */
export function setUpScreen(
  command: ScreenOptions,
  sources: ScreenSources,
): ScreenSetup | { readonly problem: string } {
  let file = noFile;
  if (sources.configuration !== undefined) {
    const { fd, path } = sources.configuration;
    const text = readDescriptor(fd, configurationLimit);
    if (text === undefined) return { problem: escapeText(`socklens: cannot use ${path}: it is not a text in UTF-8`) };
    const reading = readConfiguration(text);
    if (!reading.ok) return { problem: problemLines(path, reading.problems).join("\n") };
    ({ file } = reading);
  }
  const { filterText: filter, theme, refresh, language } = command;
  // The option can only switch it on.
  const hidden = command.private ? true : undefined;
  const options = { filter, theme, refresh, language, private: hidden };
  const configuration = resolveConfiguration(file, options, process.env);
  if ("problem" in configuration) return { problem: escapeText(`socklens: ${configuration.problem}`) };
  const state = sources.state === undefined ? undefined : readDescriptor(sources.state, stateLimit);
  return {
    configuration,
    remembered: state === undefined ? {} : readRemembered(state, configuration.settings.columns),
    shares: { stale: configuration.staleShare, critical: configuration.criticalShare },
  };
}

/** What the screen is made with; `closed`: it shows closed connections unless somebody has said something else. */
export function screenOptions(
  { configuration, remembered }: ScreenSetup,
  terminal: TerminalPort,
  closed = false,
): NonNullable<ScreenParts["options"]> {
  const { settings, values } = configuration;
  const showsClosed = closed && values.get("overview.closed")?.origin === "default";
  return {
    private: configuration.private,
    language:
      findLanguage(configuration.language ?? "") ?? detectLanguage(process.env, terminal.unicode, terminal.plainShapes),
    ...(configuration.theme === undefined ? {} : { theme: configuration.theme }),
    themes: configuration.themes,
    confirm: configuration.confirm,
    filter: configuration.filter,
    settings: showsClosed ? { ...settings, closed } : settings,
    keys: configuration.keys,
    remembered,
  };
}

/** The engine's share; the broker sleeps. */
function ownCost(): { cpu: number; memory: number } {
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, memory: process.memoryUsage.rss() };
}

/** What the screen asks of the program, live and in replay; `engine` is the one in use. */
export function screenEngine(
  engine: () => FlowEngine,
  broker: ExportTarget & { copy(text: string): void },
): Omit<ScreenEngine, "quit" | "network" | "playback"> {
  return {
    clearClosed: () => engine().clearClosed(),
    vendorOf: createVendorLookup(),
    cost: ownCost,
    lineage: (id) => engine().lineage(id),
    namesOf: (id) => engine().namesOf(id),
    export: (request) => writeExport(request, broker, WRITE_LIMIT),
    copy: (text) => broker.copy(text),
  };
}
