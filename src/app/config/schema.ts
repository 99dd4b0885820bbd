/** The one table of settings: checking, printing and the reference are read from it. */
import { columnNames, columnNameOf, findLanguage, groupings, languages, type ScreenSettings } from "../../tui/index.ts";
import { compile } from "../../query/index.ts";

export type Value = boolean | number | string | readonly string[];

export type Kind =
  | { readonly kind: "boolean" }
  | { readonly kind: "integer" | "number"; readonly least: number; readonly most: number }
  | { readonly kind: "word"; readonly words: readonly string[] }
  /** Distinct words of a set. */
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** `check` says what is wrong. */
  | { readonly kind: "text"; readonly most: number; readonly check?: (text: string) => string | undefined };

export interface Setting {
  /** "" for those that stand in no table. */
  readonly table: string;
  readonly name: string;
  readonly type: Kind;
  readonly standard: Value;
  /** A sentence without its full stop. */
  readonly summary: string;
  /** The option of the command line and the variable of the environment that say the same. */
  readonly option?: string;
  readonly environment?: string;
}

export const tables: Readonly<Record<string, string>> = {
  overview: "How the overview begins, and what r goes back to",
  columns: "Columns of the overview; C on the screen changes them too, and what it changed is remembered",
  thresholds: "From where on something is shown as stale, and as critical",
};

function filterProblem(text: string): string | undefined {
  const query = compile(text);
  return query.ok ? undefined : `${query.message} (character ${query.position + 1} of the filter)`;
}

const boolean = { kind: "boolean" } as const;
const share = { kind: "number", least: 0.01, most: 1 } as const;
const milliseconds = { kind: "number", least: 0.001, most: 1e6 } as const;
const someColumns = { kind: "words", words: columnNames } as const;

export const settings: readonly Setting[] = [
  {
    table: "",
    name: "theme",
    type: { kind: "text", most: 64 },
    standard: "auto",
    summary: 'Colours: a theme of Socklens or one of [themes]; "auto" goes by the background of the terminal',
    option: "theme",
    environment: "SOCKLENS_THEME",
  },
  {
    table: "",
    name: "language",
    type: {
      kind: "text",
      most: 16,
      check: (text) =>
        text === "auto" || findLanguage(text) !== undefined
          ? undefined
          : `a language (${languages.map(({ code }) => code).join(", ")}), or "auto"`,
    },
    standard: "auto",
    summary: 'Language of the screen, such as "de"; "auto" takes that of the locale (LC_ALL, LC_MESSAGES, LANG)',
    option: "language",
    environment: "SOCKLENS_LANGUAGE",
  },
  {
    table: "",
    name: "private",
    type: boolean,
    standard: false,
    summary: "Begin with addresses, host names and users replaced by aliases; P switches it",
    option: "private",
    environment: "SOCKLENS_PRIVATE",
  },
  {
    table: "",
    name: "refresh",
    type: { kind: "integer", least: 50, most: 60_000 },
    standard: 500,
    summary: "Milliseconds between two refreshes",
    option: "refresh",
    environment: "SOCKLENS_REFRESH",
  },
  { table: "", name: "confirm_quit", type: boolean, standard: false, summary: "Ask before quitting" },
  { table: "", name: "confirm_clear", type: boolean, standard: false, summary: "Ask before clearing" },
  {
    table: "overview",
    name: "filter",
    type: { kind: "text", most: 4096, check: filterProblem },
    standard: "",
    summary: "Filter that is in force at first",
    option: "filter",
    environment: "SOCKLENS_FILTER",
  },
  {
    table: "overview",
    name: "sort",
    type: { kind: "word", words: columnNames },
    standard: columnNameOf("rxRate"),
    summary: "Column that rows are sorted by",
  },
  {
    table: "overview",
    name: "order",
    type: { kind: "word", words: ["natural", "ascending", "descending"] },
    standard: "natural",
    summary: "Direction; natural is numbers from the largest and texts from A",
  },
  {
    table: "overview",
    name: "group",
    type: { kind: "word", words: groupings },
    standard: "none",
    summary: "What rows are put together by",
  },
  {
    table: "overview",
    name: "closed",
    type: boolean,
    standard: false,
    summary: "Show connections that are long closed",
  },
  { table: "overview", name: "names", type: boolean, standard: true, summary: "Host names in the place of addresses" },
  { table: "overview", name: "services", type: boolean, standard: true, summary: "Services in the place of ports" },
  { table: "overview", name: "sidebar", type: boolean, standard: true, summary: "The sidebar, where there is room" },
  { table: "columns", name: "order", type: someColumns, standard: [], summary: "These first, all others after them" },
  { table: "columns", name: "hidden", type: someColumns, standard: [], summary: "Columns that are not shown" },
  {
    table: "columns",
    name: "shown",
    type: someColumns,
    standard: [],
    summary: "Columns that are hidden unless they stand here: interface, user, container, parent, ...",
  },
  {
    table: "thresholds",
    name: "stale",
    type: share,
    standard: 0.75,
    summary: "Share of its timeout from which on a silent connection is stale",
  },
  {
    table: "thresholds",
    name: "critical",
    type: share,
    standard: 0.9,
    summary: "Share from which on it is critical",
  },
  {
    table: "thresholds",
    name: "rtt_stale",
    type: milliseconds,
    standard: 100,
    summary: "Round trip time, in milliseconds, that is shown as stale",
  },
  {
    table: "thresholds",
    name: "rtt_critical",
    type: milliseconds,
    standard: 300,
    summary: "Round trip time, in milliseconds, that is shown as critical",
  },
];

export const settingKey = ({ table, name }: Pick<Setting, "table" | "name">): string =>
  table === "" ? name : `${table}.${name}`;

export type InterfaceSettings = NonNullable<ScreenSettings["interfaces"]>[string];
