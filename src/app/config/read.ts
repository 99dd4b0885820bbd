/** Reads a configuration file. Every mistake is reported with its place; nothing throws. */
import { parse, TomlError } from "smol-toml";
import { columnIdOf, columnNames, keyTable, themes, type Binding, type ColumnId } from "../../tui/index.ts";
import { checkValue } from "./check-value.ts";
import { readKeyTable } from "./key-bindings.ts";
import { isTable, kindOf, Problems, unknown, type Problem } from "./problems.ts";
import { settingKey, settings, tables, type InterfaceSettings, type Value } from "./schema.ts";
import { readThemes, type UserTheme } from "./user-themes.ts";

/** What a file says; what it does not say is absent. */
export interface ConfigurationFile {
  /** By `settingKey`. */
  readonly values: ReadonlyMap<string, Value>;
  readonly widths: Readonly<Partial<Record<ColumnId, number>>>;
  readonly interfaces: Readonly<Record<string, InterfaceSettings>>;
  readonly keys: readonly Binding[];
  /** The file's own. */
  readonly themes: readonly UserTheme[];
}

export const noFile: ConfigurationFile = { values: new Map(), widths: {}, interfaces: {}, keys: keyTable, themes: [] };

export type Reading =
  | { readonly ok: true; readonly file: ConfigurationFile }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const mostInterfaces = 256;

type Table = Readonly<Record<string, unknown>>;

const freeTables = ["keys", "interfaces", "themes"];

export function readConfiguration(text: string): Reading {
  let document: Table;
  try {
    document = parse(text, { maxDepth: 16 });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The message begins with a fixed sentence and goes on with a picture of the line.
    const message = (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    return { ok: false, problems: [{ line: error.line, column: error.column, message }] };
  }
  const problems = new Problems(text);
  const values = new Map<string, Value>();
  readTable(problems, "", document, values);
  const widths: Partial<Record<ColumnId, number>> = {};
  for (const name of Object.keys(tables)) {
    const table = document[name];
    if (table === undefined) continue;
    if (!isTable(table)) problems.value([name], `${name}: must be a table, not ${kindOf(table)}`);
    else readTable(problems, name, table, values);
  }
  if (isTable(document["columns"])) readWidths(problems, document["columns"]["width"], widths);
  const file: ConfigurationFile = {
    values,
    widths,
    interfaces: readInterfaces(problems, document["interfaces"]),
    keys: readKeyTable(problems, document["keys"]),
    themes: readThemes(problems, document["themes"]),
  };
  checkTheme(problems, values.get("theme"), file.themes);
  checkOrder(problems, values, "stale", "critical");
  checkOrder(problems, values, "rtt_stale", "rtt_critical");
  return problems.found.length === 0 ? { ok: true, file } : { ok: false, problems: problems.found };
}

/** The settings of one table, "" for those in none. */
function readTable(problems: Problems, table: string, content: Table, values: Map<string, Value>): void {
  const here = settings.filter((one) => one.table === table);
  const others = table === "" ? [...Object.keys(tables), ...freeTables] : table === "columns" ? ["width"] : [];
  for (const [name, value] of Object.entries(content)) {
    const path = table === "" ? [name] : [table, name];
    const setting = here.find((one) => one.name === name);
    if (setting !== undefined) {
      const checked = checkValue(problems, path, setting.type, value);
      if (checked !== undefined) values.set(settingKey(setting), checked);
    } else if (!others.includes(name)) {
      problems.unknownKey(path, isTable(value) ? "table" : "key", [...here.map((one) => one.name), ...others]);
    }
  }
}

const width = { kind: "integer", least: 3, most: 200 } as const;

function readWidths(problems: Problems, value: unknown, widths: Partial<Record<ColumnId, number>>): void {
  if (value === undefined) return;
  const path = ["columns", "width"];
  if (!isTable(value)) {
    problems.value(path, `width: must be a table, not ${kindOf(value)}`);
    return;
  }
  for (const [name, cells] of Object.entries(value)) {
    const id = columnIdOf(name);
    if (id === undefined) problems.unknownKey([...path, name], "column", columnNames);
    else {
      const checked = checkValue(problems, [...path, name], width, cells);
      if (typeof checked === "number") widths[id] = checked;
    }
  }
}

function readInterfaces(problems: Problems, value: unknown): Record<string, InterfaceSettings> {
  const found: Record<string, InterfaceSettings> = Object.create(null) as Record<string, InterfaceSettings>;
  if (value === undefined) return found;
  if (!isTable(value)) {
    problems.value(["interfaces"], `interfaces: must be a table, not ${kindOf(value)}`);
    return found;
  }
  Object.entries(value).forEach(([name, table], index) => {
    const path = ["interfaces", name];
    if (index >= mostInterfaces) problems.key(path, `at most ${mostInterfaces} interfaces`);
    // The kernel's rule for names (dev_valid_name).
    else if (name.length > 15 || /[\s/:]/.test(name))
      problems.key(path, `"${name}" cannot be the name of an interface`);
    else if (!isTable(table)) problems.value(path, `${name}: must be a table, not ${kindOf(table)}`);
    else found[name] = readInterface(problems, path, table);
  });
  return found;
}

function readInterface(problems: Problems, path: readonly string[], table: Table): InterfaceSettings {
  const { label, hidden, ...others } = table;
  for (const name of Object.keys(others)) problems.unknownKey([...path, name], "key", ["label", "hidden"]);
  const text = checkOptional(problems, [...path, "label"], { kind: "text", most: 32 } as const, label);
  const flag = checkOptional(problems, [...path, "hidden"], { kind: "boolean" } as const, hidden);
  return {
    ...(typeof text === "string" ? { label: text } : {}),
    ...(typeof flag === "boolean" ? { hidden: flag } : {}),
  };
}

const checkOptional = (
  problems: Problems,
  path: readonly string[],
  type: Parameters<typeof checkValue>[2],
  value: unknown,
): Value | undefined => (value === undefined ? undefined : checkValue(problems, path, type, value));

function checkTheme(problems: Problems, name: Value | undefined, own: readonly UserTheme[]): void {
  const known = ["auto", ...[...themes, ...own.map(({ theme }) => theme)].map((one) => one.name)];
  if (name !== undefined && !known.includes(String(name)))
    problems.value(["theme"], unknown("theme", String(name), known));
}

function checkOrder(problems: Problems, values: ReadonlyMap<string, Value>, low: string, high: string): void {
  const standard = (name: string): Value | undefined =>
    settings.find((one) => one.table === "thresholds" && one.name === name)?.standard;
  const [first, second] = [low, high].map((name) => Number(values.get(`thresholds.${name}`) ?? standard(name)));
  if (first === undefined || second === undefined || first <= second) return;
  const at = values.has(`thresholds.${low}`) ? low : high;
  problems.value(["thresholds", at], `${low} (${first}) must not be above ${high} (${second})`);
}
