import { PACKET_RINGS_LIMIT } from "../broker/inheritance.ts";
import { escapeText } from "../../export/escape.ts";
import { closestName } from "../../query/index.ts";
import { findLanguageName, languageNames } from "../../tui/language-names.ts";
import type {
  Command,
  OutputFormat,
  OutputOptions,
  RecordingOptions,
  ScreenOptions,
  SourceOptions,
  UsageError,
} from "./command.ts";
import { speeds } from "../replay/speeds.ts";
import type { TimePoint, TimeRange } from "../replay/range.ts";
import { convert } from "./convert.ts";
import { filter, type Given, last, Mistake, number, read, refuseOthers, seconds, size, timePoint } from "./given.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { commands, laterCommands } from "./options.ts";

/** What the process stands in, as far as parsing needs to know. */
export interface CommandLineContext {
  /** Standard output is a terminal: without it there is no screen. */
  readonly terminal: boolean;
  /** It cannot place its cursor (TERM=dumb). */
  readonly dumb?: boolean;
}

export type CommandLine = { readonly ok: true; readonly command: Command } | UsageError;

function earlier(left: TimePoint, right: TimePoint): boolean {
  if (left.kind === "absolute") return right.kind === "absolute" && left.millis < right.millis;
  return right.kind === "relative" && left.seconds < right.seconds;
}

function oneFormat(given: Given): OutputFormat | undefined {
  const formats = (["json", "csv", "plain"] as const).filter((format) => given.has(format));
  if (formats.length > 1) throw new Mistake(`--${formats[0]} and --${formats[1]} exclude each other`);
  return formats[0];
}

function grouping(given: Given): OutputOptions["by"] {
  const keys = ["flow", "process", "host", "app"] as const;
  const text = last(given, "by") ?? "flow";
  const key = keys.find((candidate) => candidate === text);
  if (key !== undefined) return key;
  const near = closestName(text, keys);
  throw new Mistake(
    `--by takes flow, process, host or app, not "${text}"${near === undefined ? "" : `; did you mean ${near}?`}`,
  );
}

/** Each takes a descriptor and a buffer. */
const filesAtMost = 256;
const tenYears = 315_360_000;

function outputOptions(given: Given, format: OutputFormat): OutputOptions {
  const count = number(given, "count", 1, 1_000_000_000);
  const duration = seconds(given, "duration", 0.001, tenYears);
  // A table is what is going on, so it comes again and again; a count counts intervals.
  const interval =
    seconds(given, "interval", 0.1, 86_400) ?? (format === "plain" || count !== undefined ? 1 : undefined);
  const query = filter(given)?.query;
  return {
    format,
    by: grouping(given),
    ...(interval !== undefined && { interval }),
    ...(count !== undefined && { count }),
    ...(duration !== undefined && { duration }),
    ...(query !== undefined && { filter: query }),
    ...(given.has("private") && { private: true }),
  };
}

function sourceOptions(given: Given): SourceOptions {
  const interfaces = [...new Set(given.get("interface") ?? [])];
  for (const name of interfaces) {
    // The kernel's rule for names (dev_valid_name): at most 15 bytes, no space, no slash.
    if (Buffer.byteLength(name) > 15 || /[\s/:]/.test(name))
      throw new Mistake(`"${name}" cannot be the name of an interface`);
  }
  if (interfaces.length > PACKET_RINGS_LIMIT) {
    throw new Mistake(`--interface may be given ${PACKET_RINGS_LIMIT} times at most: leave it out for all interfaces`);
  }
  const captureFilter = last(given, "bpf-filter");
  return captureFilter === undefined ? { interfaces } : { interfaces, captureFilter };
}

/** The file that is recorded to beside screen or records. */
function exportPath(given: Given): { path: string | undefined; format: RecordingOptions["format"] } {
  const [pcapng, pcap] = [last(given, "pcapng-export"), last(given, "pcap-export")];
  if (pcapng !== undefined && pcap !== undefined) {
    throw new Mistake("--pcap-export and --pcapng-export exclude each other: socklens convert makes one of the other");
  }
  return pcap === undefined ? { path: pcapng, format: "pcapng" } : { path: pcap, format: "pcap" };
}

/** What is recorded to `path`, and how; undefined: nothing. */
function recordingOptions(
  given: Given,
  { path, format }: { readonly path: string | undefined; readonly format: RecordingOptions["format"] },
): RecordingOptions | undefined {
  if (path === undefined) {
    const lone = ["snaplen", "files", "rotate-size", "rotate-age", "overwrite"].find((name) => given.has(name));
    if (lone !== undefined) throw new Mistake(`--${lone} needs --pcapng-export FILE or --pcap-export FILE`);
    return undefined;
  }
  if (path.length > 4096 || path.includes("\0")) throw new Mistake("the name of the file is too long");
  const files = number(given, "files", 2, 1000) ?? 1;
  const rotateSize = size(given, "rotate-size", 65_536, 1e15);
  const rotateAge = seconds(given, "rotate-age", 1, tenYears);
  const rotates = rotateSize !== undefined || rotateAge !== undefined;
  if (rotates && files === 1) throw new Mistake("--rotate-size and --rotate-age need --files N: how many take turns");
  if (!rotates && files > 1) throw new Mistake("--files needs --rotate-size or --rotate-age: when the next one begins");
  if (path === "-" && format === "pcap") {
    throw new Mistake("standard output is one file, and pcap needs another one beside it: use --pcapng-export");
  }
  if (files > 1 && path === "-") throw new Mistake("standard output is one file: leave out --files");
  return {
    format,
    path,
    files,
    overwrite: given.has("overwrite"),
    snapLength: number(given, "snaplen", 14, 262_144) ?? 262_144,
    ...(rotateSize !== undefined && { rotateSize }),
    ...(rotateAge !== undefined && { rotateAge }),
  };
}

function record(given: Given, words: readonly string[], context: CommandLineContext): Command {
  refuseOthers(given, "record");
  noWords("record", words);
  const path = last(given, "write");
  const format = path !== undefined && /\.pcap$/i.test(path) ? "pcap" : "pcapng";
  const recording = recordingOptions(given, { path, format });
  if (recording === undefined) throw new Mistake("record needs the name of a file: socklens record -w FILE");
  if (recording.path === "-" && context.terminal)
    throw new Mistake("standard output is a terminal: pipe it, or name a file");
  const query = filter(given)?.query;
  const packets = number(given, "packets", 1, 1_000_000_000);
  const duration = seconds(given, "duration", 0.1, tenYears);
  return {
    kind: "record",
    source: sourceOptions(given),
    recording,
    ...(query !== undefined && { filter: query }),
    ...(packets !== undefined && { packets }),
    ...(duration !== undefined && { duration }),
  };
}

function language(given: Given): { language?: string } {
  const text = last(given, "language");
  if (text === undefined) return {};
  const found = findLanguageName(text);
  if (found !== undefined) return { language: found.code };
  const known = languageNames.map(({ code, name }) => `${code} (${name})`).join(", ");
  throw new Mistake(`--language: there is no language "${text}"; there are ${known}`);
}

function watch(given: Given, context: CommandLineContext): Command {
  const format = oneFormat(given);
  if (format !== undefined) {
    refuseOthers(given, "headless");
    const recording = recordingOptions(given, exportPath(given));
    if (recording?.path === "-") throw new Mistake("standard output is for records: name a file for --pcapng-export");
    return {
      kind: "headless",
      source: sourceOptions(given),
      output: outputOptions(given, format),
      ...(recording && { recording }),
    };
  }
  refuseOthers(given, "screen");
  const source = sourceOptions(given);
  const recording = recordingOptions(given, exportPath(given));
  const screen = screenOptions(given);
  if (!context.terminal) throw new Mistake("standard output is not a terminal: use --json, --csv or --plain");
  if (context.dumb === true) throw new Mistake("TERM=dumb shows no screen: use --json, --csv or --plain");
  return { kind: "screen", source, ...screen, ...(recording && { recording }) };
}

function screenOptions(given: Given): ScreenOptions {
  const refresh = number(given, "refresh", 50, 60_000);
  const text = filter(given)?.text;
  return {
    ...(refresh !== undefined && { refresh }),
    ...optional(given, "theme"),
    ...language(given),
    ...optional(given, "config"),
    color: !given.has("no-color"),
    private: given.has("private"),
    ...(text !== undefined && { filterText: text }),
  };
}

/** The option as a property of its own name, where it was given. */
function optional<Name extends string>(given: Given, name: Name): { readonly [K in Name]?: string } {
  const value = last(given, name);
  return value === undefined ? {} : ({ [name]: value } as { readonly [K in Name]: string });
}

function wireshark(given: Given, [action, ...rest]: readonly string[]): Command {
  refuseOthers(given, "wireshark");
  noWords("wireshark", rest);
  if (action !== "install" && action !== "print") {
    throw new Mistake("wireshark needs what to do: socklens wireshark install, or print");
  }
  return { kind: "wireshark", action };
}

function config(given: Given, words: readonly string[]): Command {
  refuseOthers(given, "config");
  const [action, extra] = words;
  const actions = ["print", "path", "check"] as const;
  const known = actions.find((one) => one === action);
  if (known === undefined) {
    const near = action === undefined ? undefined : closestName(action, actions);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    throw new Mistake(`config needs what to do: socklens config print, path or check${hint}`);
  }
  if (extra !== undefined) throw new Mistake(`config takes one word; "${extra}" is one too many`);
  return { kind: "config", action: known, ...optional(given, "config") };
}

/** What only a run without the screen knows, and what only the screen knows. */
const headlessOnly = ["json", "csv", "plain", "by", "interval", "count", "duration"] as const;
const screenOnly = ["speed", "refresh", "language", "theme", "config"] as const;

/** File seconds a second; Infinity: as fast as it goes. */
function playSpeed(given: Given): number {
  const text = last(given, "speed");
  if (text === undefined) return 1;
  const speed = text === "max" ? Infinity : Number(text.replace(/x$/, ""));
  if (speeds.includes(speed)) return speed;
  throw new Mistake(`--speed takes ${speeds.slice(0, -1).join(", ")} or max, not "${text}"`);
}

/** Which part of the files is wanted, whose names are looked at. */
function partOfFiles(command: string, given: Given, words: readonly string[]): TimeRange {
  if (words.length > filesAtMost)
    throw new Mistake(`${command} reads ${filesAtMost} files at most, not ${words.length}`);
  if (words.filter((word) => word === "-").length > 1) throw new Mistake("standard input (-) can be read only once");
  const from = timePoint(given, "from");
  const to = timePoint(given, "to");
  if (from !== undefined && from.kind === to?.kind && earlier(to, from)) throw new Mistake("--to is before --from");
  return { ...(from && { from }), ...(to && { to }) };
}

function replay(given: Given, words: readonly string[], context: CommandLineContext): Command {
  refuseOthers(given, "replay");
  if (words.length === 0) throw new Mistake("replay needs the name of a capture file: socklens replay FILE");
  const range = partOfFiles("replay", given, words);
  const follow = given.has("follow");
  if (follow && words.length > 1)
    throw new Mistake("--follow takes one file: of several, one that is quiet holds up all");
  const captureFilter = last(given, "bpf-filter");
  const sidecars = given.has("no-sidecar") ? [] : given.get("sidecar");
  if (given.has("no-sidecar") && given.has("sidecar"))
    throw new Mistake("--sidecar and --no-sidecar exclude each other");
  if (sidecars !== undefined && sidecars.length > filesAtMost) {
    throw new Mistake(`replay reads ${filesAtMost} sidecars at most, not ${sidecars.length}`);
  }
  const replayed = {
    files: words,
    follow,
    range,
    ...(sidecars && { sidecars }),
    ...(captureFilter !== undefined && { captureFilter }),
  };
  const headless = headlessOnly.find((name) => given.has(name));
  const forScreen = screenOnly.find((name) => given.has(name));
  if (forScreen !== undefined && headless !== undefined)
    throw new Mistake(`--${forScreen} is for the screen: leave out --${headless}`);
  if (forScreen !== undefined && !context.terminal)
    throw new Mistake(`--${forScreen} is for the screen: standard output is not a terminal`);
  if (forScreen !== undefined && context.dumb === true)
    throw new Mistake(`--${forScreen} is for the screen, which TERM=dumb cannot show`);
  if (headless === undefined && context.terminal && context.dumb !== true)
    return { kind: "play", ...replayed, speed: playSpeed(given), ...screenOptions(given) };
  const format = oneFormat(given) ?? "plain";
  const { interval, ...output } = outputOptions(given, format);
  // A replay is over in a moment: its table comes once, unless intervals were asked for.
  const wanted = given.has("interval") || given.has("count");
  return {
    kind: "replay",
    ...replayed,
    output: wanted && interval !== undefined ? { ...output, interval } : output,
  };
}

function help(words: readonly string[]): Command {
  const [topic, extra] = words;
  if (extra !== undefined) throw new Mistake(`help is about one command; "${extra}" is one too many`);
  if (topic === undefined) return { kind: "help", text: mainHelp() };
  const spec = commands.find(({ name }) => name === topic);
  if (spec === undefined) throw noSuchCommand(topic);
  return { kind: "help", text: commandHelp(spec) };
}

function noSuchCommand(word: string): Mistake {
  if (laterCommands.includes(word)) return new Mistake(`${word} is not part of this version; see socklens --help`);
  const near = closestName(
    word,
    commands.map(({ name }) => name),
  );
  const hint = near === undefined ? "see socklens --help, or --filter to look for it" : `did you mean ${near}?`;
  return new Mistake(`there is no command "${word}"; ${hint}`);
}

function noWords(command: string, words: readonly string[]): void {
  if (words[0] !== undefined) throw new Mistake(`${command} takes no "${words[0]}"`);
}

function interpret(args: readonly string[], context: CommandLineContext): Command {
  const { given, words } = read(args);
  const [name, ...rest] = words;
  if (given.has("help")) return help(name === "help" && rest.length > 0 ? rest : words.slice(0, 1));
  if (given.has("version")) return { kind: "version" };
  switch (name) {
    case undefined:
      return watch(given, context);
    case "replay":
      return replay(given, rest, context);
    case "record":
      return record(given, rest, context);
    case "convert":
      return convert(given, rest, () => partOfFiles("convert", given, rest), context.terminal);
    case "doctor":
      refuseOthers(given, "doctor");
      noWords("doctor", rest);
      return { kind: "doctor", json: given.has("json") };
    case "config":
      return config(given, rest);
    case "wireshark":
      return wireshark(given, rest);
    case "help":
      return help(rest);
    case "version":
      noWords("version", rest);
      return { kind: "version" };
    default:
      throw noSuchCommand(name);
  }
}

/** What was typed may be of any length; the line that quotes it is not. */
const longestMessage = 500;
const clip = (text: string): string => (text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text);

/** Reads the command line, without runtime and file name. No side effects; never throws. */
export function parseCommandLine(args: readonly string[], context: CommandLineContext): CommandLine {
  try {
    return { ok: true, command: interpret(args, context) };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const message = clip(escapeText(error.message));
    return error.caret === undefined ? { ok: false, message } : { ok: false, message, caret: error.caret };
  }
}

/** What goes to standard error: one line; on a terminal an expression follows with its place marked. */
export function usageErrorText(error: UsageError, terminal: boolean): string {
  const line = `socklens: ${error.message}\n`;
  if (error.caret === undefined || !terminal) return line;
  const { text, position, length } = error.caret;
  const before = escapeText(text.slice(0, position));
  const marked = Math.max(1, escapeText(text.slice(position, position + length)).length);
  return `${line}  ${escapeText(text)}\n  ${" ".repeat(before.length)}${"^".repeat(marked)}\n`;
}
