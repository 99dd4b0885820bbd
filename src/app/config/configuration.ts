import { closestName } from "../../query/index.ts";
import {
  columnIdOf,
  findTheme,
  themes,
  type Binding,
  type ColumnId,
  type ScreenSettings,
  type Theme,
} from "../../tui/index.ts";
import { valueProblem } from "./check-value.ts";
import type { ConfigurationFile } from "./read.ts";
import { settingKey, settings, type Setting, type Value } from "./schema.ts";

/** Where a value is from. */
export type Origin = "default" | "file" | "environment" | "option";

/** What holds, of whatever origin. */
export interface Configuration {
  /** Undefined: by the background of the terminal. */
  readonly theme: Theme | undefined;
  /** The file's own. */
  readonly themes: readonly Theme[];
  /** Undefined: as the locale says. */
  readonly language: string | undefined;
  readonly private: boolean;
  readonly refresh: number;
  readonly confirm: { readonly quit: boolean; readonly clear: boolean };
  readonly filter: string;
  readonly settings: ScreenSettings;
  readonly keys: readonly Binding[];
  readonly staleShare: number;
  readonly criticalShare: number;
  /** For printing, by `settingKey`. */
  readonly values: ReadonlyMap<string, { readonly value: Value; readonly origin: Origin }>;
  readonly file: ConfigurationFile;
}

/** A mistake outside of the file: one line. */
export interface OutsideProblem {
  readonly problem: string;
}

/** Values that the command line gives, by the name of the option. */
export type OptionValues = Readonly<Record<string, Value | undefined>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** The text of a variable as a value of the setting. */
const parsed = (setting: Setting, text: string): Value =>
  setting.type.kind === "integer" || setting.type.kind === "number"
    ? Number(text)
    : setting.type.kind === "boolean"
      ? text === "1" || text === "true"
      : text;

/** Puts together what holds: an option before the environment before the file before the program's own. */
export function resolveConfiguration(
  file: ConfigurationFile,
  options: OptionValues,
  environment: Environment,
): Configuration | OutsideProblem {
  const values = new Map<string, { value: Value; origin: Origin }>();
  for (const setting of settings) {
    const key = settingKey(setting);
    const option = setting.option === undefined ? undefined : options[setting.option];
    const variable = setting.environment === undefined ? undefined : environment[setting.environment];
    if (option !== undefined) values.set(key, { value: option, origin: "option" });
    else if (variable !== undefined && variable !== "") {
      const value = parsed(setting, variable);
      const wrong = valueProblem(setting.type, value);
      if (wrong !== undefined) return { problem: `${setting.environment}: ${wrong}` };
      values.set(key, { value, origin: "environment" });
    } else {
      const own = file.values.get(key);
      values.set(
        key,
        own === undefined ? { value: setting.standard, origin: "default" } : { value: own, origin: "file" },
      );
    }
  }
  const name = String(values.get("theme")?.value);
  const theme = file.themes.find((one) => one.theme.name === name)?.theme ?? findTheme(name);
  if (theme === undefined && name !== "auto") return { problem: noSuchTheme(name, file, values.get("theme")?.origin) };
  return assemble(file, values, theme);
}

function noSuchTheme(name: string, file: ConfigurationFile, origin: Origin | undefined): string {
  const known = [...themes, ...file.themes.map(({ theme }) => theme)].map((one) => one.name);
  const near = closestName(name.toLowerCase(), known);
  const hint = near === undefined ? `there are ${known.join(", ")}` : `did you mean "${near}"?`;
  const where = origin === "option" ? "--theme: " : origin === "environment" ? "SOCKLENS_THEME: " : "theme: ";
  return `${where}there is no theme "${name}"; ${hint}`;
}

function assemble(file: ConfigurationFile, values: Configuration["values"], theme: Theme | undefined): Configuration {
  const of = (key: string): Value | undefined => values.get(key)?.value;
  const columnsOf = (key: string): ColumnId[] => (of(key) as readonly string[]).flatMap((one) => columnIdOf(one) ?? []);
  const order = of("overview.order");
  const language = String(of("language"));
  const screen: ScreenSettings = {
    columns: {
      order: columnsOf("columns.order"),
      hidden: columnsOf("columns.hidden"),
      shown: columnsOf("columns.shown"),
      widths: file.widths,
    },
    ...sortOf(String(of("overview.sort"))),
    ...(order === "natural" ? {} : { descending: order === "descending" }),
    grouping: of("overview.group") as NonNullable<ScreenSettings["grouping"]>,
    closed: of("overview.closed") === true,
    names: of("overview.names") === true,
    services: of("overview.services") === true,
    sidebar: of("overview.sidebar") === true,
    rttStale: Number(of("thresholds.rtt_stale")),
    rttCritical: Number(of("thresholds.rtt_critical")),
    interfaces: file.interfaces,
  };
  return {
    theme,
    themes: file.themes.map((one) => one.theme),
    language: language === "auto" ? undefined : language,
    private: of("private") === true,
    refresh: Number(of("refresh")),
    confirm: { quit: of("confirm_quit") === true, clear: of("confirm_clear") === true },
    filter: String(of("overview.filter")),
    settings: screen,
    keys: file.keys,
    staleShare: Number(of("thresholds.stale")),
    criticalShare: Number(of("thresholds.critical")),
    values,
    file,
  };
}

function sortOf(name: string): { sort?: ColumnId } {
  const sort = columnIdOf(name);
  return sort === undefined ? {} : { sort };
}
