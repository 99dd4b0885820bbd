/** Writes the configuration that holds as TOML that reads back as the same. */
import { columnNameOf, type ColumnId } from "../../tui/index.ts";
import type { Configuration, Origin } from "./configuration.ts";
import { keyLines } from "./key-bindings.ts";
import type { UserTheme } from "./user-themes.ts";
import { settingKey, settings, tables, type Setting, type Value } from "./schema.ts";

/** Texts of TOML are those of JSON; DEL too must be escaped (TOML 1.0, "String"). */
const quoted = (text: string): string => JSON.stringify(text).replaceAll("\x7f", "\\u007f");

const written = (value: Value): string =>
  typeof value === "string"
    ? quoted(value)
    : typeof value === "object"
      ? `[${value.map(quoted).join(", ")}]`
      : String(value);

const keyWritten = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : quoted(name));

const origins: Readonly<Record<Origin, (setting: Setting) => string>> = {
  default: () => "",
  file: () => " (from the file)",
  environment: ({ environment }) => ` (from ${environment ?? "the environment"})`,
  option: ({ option }) => ` (from --${option ?? ""})`,
};

function choices({ type }: Setting): string {
  if (type.kind === "word") return `: ${type.words.join(", ")}`;
  if (type.kind === "integer" || type.kind === "number") return `: ${type.least} to ${type.most}`;
  return "";
}

function settingLines(configuration: Configuration, table: string): string[] {
  return settings
    .filter((one) => one.table === table)
    .flatMap((setting) => {
      const held = configuration.values.get(settingKey(setting));
      if (held === undefined) return [];
      const origin = origins[held.origin](setting);
      return [`# ${setting.summary}${choices(setting)}${origin}`, `${setting.name} = ${written(held.value)}`];
    });
}

export function printConfiguration(configuration: Configuration, path: string | undefined): string {
  const { file, keys } = configuration;
  const lines = [
    `# Socklens, the configuration that holds; the file is ${path ?? "nowhere: you have no home directory"}`,
    "",
  ];
  lines.push(...settingLines(configuration, ""));
  for (const [table, summary] of Object.entries(tables)) {
    lines.push("", `# ${summary}`, `[${table}]`, ...settingLines(configuration, table));
    if (table === "columns") lines.push(...widthLines(file.widths));
  }
  lines.push("", "# Keys of commands; a table [keys.TAB] holds for that tab alone, [] takes the keys away", "[keys]");
  const bindings = keyLines(keys);
  for (const { command, keys: own } of bindings.filter((one) => one.context === undefined)) {
    lines.push(`${command} = ${written(own)}`);
  }
  for (const context of new Set(bindings.flatMap((one) => one.context ?? []))) {
    lines.push("", `[keys.${context}]`);
    for (const one of bindings) if (one.context === context) lines.push(`${one.command} = ${written(one.keys)}`);
  }
  for (const [name, { label, hidden }] of Object.entries(file.interfaces)) {
    lines.push("", `[interfaces.${keyWritten(name)}]`);
    if (label !== undefined) lines.push(`label = ${quoted(label)}`);
    if (hidden !== undefined) lines.push(`hidden = ${hidden}`);
  }
  for (const theme of file.themes) lines.push(...themeLines(theme));
  return `${lines.join("\n").trimEnd()}\n`;
}

function widthLines(widths: Readonly<Partial<Record<ColumnId, number>>>): string[] {
  const entries = Object.entries(widths);
  if (entries.length === 0) return ["# Cells of columns: width = { process = 20 }"];
  const cells = entries.map(([id, width]) => `${columnNameOf(id as ColumnId)} = ${width}`);
  return ["# Cells of columns (from the file)", `width = { ${cells.join(", ")} }`];
}

/** A value of TOML as the parser gave it: what a theme is made of. */
function inline(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    const parts = Object.entries(value).map(([name, part]) => `${keyWritten(name)} = ${inline(part)}`);
    return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
  }
  return typeof value === "string" ? quoted(value) : String(value);
}

const themeLines = ({ theme, source }: UserTheme): string[] => [
  "",
  `[themes.${keyWritten(theme.name)}]`,
  ...Object.entries(source).map(([name, value]) => `${keyWritten(name)} = ${inline(value)}`),
];
