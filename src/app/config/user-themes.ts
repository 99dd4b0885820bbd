import { findTheme, parseTheme, themes, type Theme } from "../../tui/index.ts";
import { isTable, kindOf, type Problems } from "./problems.ts";

const mostThemes = 32;

type Table = Readonly<Record<string, unknown>>;

/** A theme with the table that the file has of it. */
export interface UserTheme {
  readonly theme: Theme;
  readonly source: Table;
}

/** The themes of a file: each is a theme of Socklens with other looks for some roles. */
export function readThemes(problems: Problems, value: unknown): UserTheme[] {
  if (value === undefined) return [];
  if (!isTable(value)) {
    problems.value(["themes"], `themes: must be a table, not ${kindOf(value)}`);
    return [];
  }
  return Object.entries(value).flatMap(([name, table], index) => {
    const path = ["themes", name];
    if (index >= mostThemes) problems.key(path, `at most ${mostThemes} themes`);
    else if (!isTable(table)) problems.value(path, `${name}: must be a table, not ${kindOf(table)}`);
    else if (Object.hasOwn(table, "name")) problems.key([...path, "name"], "the name of a theme is that of its table");
    else if (name === "auto" || themes.some((one) => one.name === name)) {
      problems.key(path, `there is a theme "${name}" already: give yours another name`);
    } else {
      const parsed = parseTheme({ ...table, name }, findTheme);
      if (parsed.ok) return [{ theme: parsed.theme, source: table }];
      problems.value([...path, ...parsed.path], parsed.message);
    }
    return [];
  });
}
