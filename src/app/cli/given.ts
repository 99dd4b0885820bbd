/** Options as they were given, and their values. */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { closestName, compile, type Query } from "../../query/index.ts";
import type { TimePoint } from "../replay/range.ts";
import type { UsageError } from "./command.ts";
import { type CommandName, options, type OptionSpec } from "./options.ts";

/** Thrown within, returned by `parseCommandLine`. */
export class Mistake extends Error {
  readonly caret: UsageError["caret"];
  constructor(message: string, caret?: UsageError["caret"]) {
    super(message);
    this.caret = caret;
  }
}

/** Values of the options that were given, by name. */
export type Given = ReadonlyMap<string, readonly string[]>;

const configuration: ParseArgsOptionsConfig = Object.fromEntries(
  options.map(({ name, short, value }) => [
    name,
    { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple: true, ...(short && { short }) },
  ]),
);

const byName = new Map(options.map((option) => [option.name, option]));

function unknownOption(raw: string): Mistake {
  const names = options.map(({ name }) => `--${name}`);
  const near = raw.startsWith("--") ? closestName(raw, names) : undefined;
  const hint = near === undefined ? "see socklens --help" : `did you mean ${near}?`;
  return new Mistake(`there is no option ${raw}; ${hint}`);
}

/** Options and the words between them. */
export function read(args: readonly string[]): { given: Given; words: readonly string[] } {
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const { tokens } = parseArgs({
    args: [...args],
    options: configuration,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  /** The flag just before, when it may have a word behind it. */
  let flag: OptionSpec | undefined;
  for (const token of tokens) {
    const before = flag;
    flag = undefined;
    if (token.kind === "positional" && before?.choices?.includes(token.value) === true) {
      given.set(before.name, [token.value]);
      continue;
    }
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const option = byName.get(token.name);
    if (option === undefined) throw unknownOption(token.rawName);
    const values = given.get(option.name) ?? [];
    values.push(optionValue(option, token.rawName, token.value, token.inlineValue ?? false));
    if (option.choices !== undefined && token.value === undefined) flag = option;
    given.set(option.name, values);
  }
  return { given, words };
}

function optionValue(option: OptionSpec, raw: string, value: string | undefined, inline: boolean): string {
  if (option.value === undefined) {
    if (value !== undefined && option.choices?.includes(value) === true) return value;
    if (value !== undefined && option.choices !== undefined) {
      throw new Mistake(`${raw} stands alone or with ${option.choices.join(" or ")}, not with "${value}"`);
    }
    if (value !== undefined) throw new Mistake(`${raw} takes no value`);
    return "";
  }
  const optionLike = value !== undefined && !inline && /^-[a-z-]/i.test(value);
  if (value === undefined || value === "" || optionLike)
    throw new Mistake(`${raw} needs a value: ${raw} ${option.value}`);
  return value;
}

export const last = (given: Given, name: string): string | undefined => given.get(name)?.at(-1);

/** Refuses options that mean nothing to `command`. */
export function refuseOthers(given: Given, command: CommandName): void {
  for (const name of given.keys()) {
    const option = byName.get(name);
    if (option === undefined || option.commands.includes(command)) continue;
    if (command === "screen" || command === "headless") {
      const others = option.commands.filter((one) => one !== "screen" && one !== "headless");
      if (others.length === option.commands.length) throw new Mistake(`--${name} is for ${others.join(" and ")}`);
    }
    if (command === "screen") throw new Mistake(`--${name} needs --json, --csv or --plain`);
    if (command === "headless") throw new Mistake(`--${name} is for the screen: leave out --json, --csv and --plain`);
    throw new Mistake(`--${name} means nothing to ${command}; see socklens help ${command}`);
  }
}

export function number(given: Given, name: string, least: number, most: number): number | undefined {
  const text = last(given, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Mistake(`--${name} takes a whole number from ${least} to ${most}, not "${text}"`);
}

const secondsIn = new Map([
  ["ms", 0.001],
  ["", 1],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
]);

export function seconds(given: Given, name: string, least: number, most: number): number | undefined {
  const text = last(given, name);
  if (text === undefined) return undefined;
  const match = /^(\d{1,10}(?:\.\d{1,6})?|\.\d{1,6})(ms|s|m|h|d|)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) * (secondsIn.get(match[2] ?? "") ?? Number.NaN);
  if (value >= least && value <= most) return value;
  throw new Mistake(`--${name} takes seconds from ${least} to ${most} (90, 1.5m, 2h), not "${text}"`);
}

const bytesIn = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["tb", 1e12],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
]);

export function size(given: Given, name: string, least: number, most: number): number | undefined {
  const text = last(given, name);
  if (text === undefined) return undefined;
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([kmgt]?i?b|)$/i.exec(text);
  const value =
    match === null
      ? Number.NaN
      : Math.round(Number(match[1]) * (bytesIn.get((match[2] ?? "").toLowerCase()) ?? Number.NaN));
  if (value >= least && value <= most) return value;
  throw new Mistake(`--${name} takes a size of at least 64 KiB (100MB, 1GiB), not "${text}"`);
}

/** ISO 8601: a date, with or without a time, with or without a zone. */
const isoTime = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

export function timePoint(given: Given, name: string): TimePoint | undefined {
  const text = last(given, name);
  if (text === undefined) return undefined;
  const iso = isoTime.exec(text);
  if (iso !== null) {
    const [, day = "", time = "00:00", zone = "Z"] = iso;
    const millis = Date.parse(`${day}T${time}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`);
    if (Number.isFinite(millis)) return { kind: "absolute", millis };
  }
  const relative = /^\+?(\d{1,10}(?:\.\d{1,9})?|\.\d{1,9})(ms|s|m|h|d|)$/.exec(text);
  if (relative !== null) {
    return { kind: "relative", seconds: Number(relative[1]) * (secondsIn.get(relative[2] ?? "") ?? 1) };
  }
  throw new Mistake(
    `--${name} takes a time (2026-05-01T10:00:00Z) or seconds after the first packet (90, 1.5m, 2h), not "${text}"`,
  );
}

export function filter(given: Given): { text: string; query: Query } | undefined {
  const text = last(given, "filter");
  if (text === undefined) return undefined;
  const query = compile(text);
  if (query.ok) return { text, query };
  const { position, length } = query;
  throw new Mistake(`--filter: ${query.message} (character ${position + 1})`, { text, position, length });
}
