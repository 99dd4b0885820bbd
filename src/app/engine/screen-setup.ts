/** What the screen begins with: configuration, environment and command line together, and what it remembered. */
import { escapeText } from "../../export/index.ts";
import type { Shares } from "../../flow/index.ts";
import type { Remembered } from "../../tui/index.ts";
import { detectLanguage, findLanguage, type TerminalPort, type ScreenParts } from "../../tui/index.ts";
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
