import { keyTable, type Binding } from "../../tui/index.ts";
import { isTable, kindOf, type Path, type Problems } from "./problems.ts";

/** Keys that a file gives a command, in one context or in all. */
interface KeyChoice {
  readonly command: string;
  readonly context: string | undefined;
  readonly keys: readonly string[];
  readonly path: Path;
}

/** A command's name in files: "sort_reverse". */
const nameOf = (command: string): string => command.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const commands = [...new Set(keyTable.map(({ command }) => nameOf(command)))];
const contexts = [...new Set(keyTable.map(({ context }) => context as string))].filter((one) => one !== "any");

const named =
  /^(?:(?:ctrl-)?(?:alt-)?(?:shift-)?(?:enter|escape|space|tab|up|down|left|right|pageup|pagedown|home|end|insert|delete|backspace|f(?:[1-9]|1[0-2]))|ctrl-[a-z]|alt-.)$/u;

const isKey = (key: string): boolean => named.test(key) || (Array.from(key).length === 1 && !/[\p{Cc}\s]/u.test(key));

const mostKeys = 8;

function readKeys(problems: Problems, path: Path, value: unknown): readonly string[] | undefined {
  const keys = typeof value === "string" ? [value] : value;
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string")) {
    problems.value(path, `${String(path.at(-1))}: must be a key or an array of keys, not ${kindOf(value)}`);
    return undefined;
  }
  if (keys.length > mostKeys) {
    problems.value(path, `${String(path.at(-1))}: at most ${mostKeys} keys`);
    return undefined;
  }
  keys.forEach((key, index) => {
    if (isKey(key)) return;
    const place = typeof value === "string" ? path : [...path, index];
    problems.value(
      place,
      `"${key}" is not a key: write one character, or names such as "ctrl-x", "enter", "f5", "pageup"`,
    );
  });
  return keys;
}

function readChoices(problems: Problems, table: Readonly<Record<string, unknown>>): KeyChoice[] {
  const choices: KeyChoice[] = [];
  const read = (command: string, value: unknown, context: string | undefined, path: Path): void => {
    const inContext = keyTable.some(
      (one) => nameOf(one.command) === command && (context ?? one.context) === one.context,
    );
    if (!commands.includes(command)) {
      problems.unknownKey(path, "command", context === undefined ? [...commands, ...contexts] : commands);
    } else if (!inContext) problems.key(path, `"${command}" is not a command of ${context ?? "any tab"}`);
    else {
      const keys = readKeys(problems, path, value);
      if (keys !== undefined) choices.push({ command, context, keys, path });
    }
  };
  for (const [name, value] of Object.entries(table)) {
    if (!isTable(value)) read(name, value, undefined, ["keys", name]);
    else if (!contexts.includes(name)) problems.unknownKey(["keys", name], "table of keys", contexts);
    else for (const [command, keys] of Object.entries(value)) read(command, keys, name, ["keys", name, command]);
  }
  return choices;
}

/** The key table with what the file says; keys that would mean two things in one place are reported. */
export function readKeyTable(problems: Problems, value: unknown): readonly Binding[] {
  if (value === undefined) return keyTable;
  if (!isTable(value)) {
    problems.value(["keys"], `keys: must be a table, not ${kindOf(value)}`);
    return keyTable;
  }
  const choices = readChoices(problems, value);
  const chosen = new Map<Binding, KeyChoice>();
  const table = keyTable.map((binding) => {
    // What is said for one tab holds there, whatever is said for all.
    const choice =
      choices.find((one) => one.command === nameOf(binding.command) && one.context === binding.context) ??
      choices.find((one) => one.command === nameOf(binding.command) && one.context === undefined);
    if (choice === undefined) return binding;
    const changed: Binding = { ...binding, keys: choice.keys };
    chosen.set(changed, choice);
    return changed;
  });
  for (const [binding, choice] of chosen) reportConflicts(problems, table, chosen, binding, choice);
  // A command without keys stays in the palette; help and footer have nothing to show.
  return table;
}

/** Where files are played, it is settled which of the two goes first: a tab's own key and one of the replay. */
const givesWay = (one: Binding, other: Binding): boolean =>
  one.context !== other.context && (one.replay === undefined) !== (other.replay === undefined);

function reportConflicts(
  problems: Problems,
  table: readonly Binding[],
  chosen: ReadonlyMap<Binding, KeyChoice>,
  binding: Binding,
  choice: KeyChoice,
): void {
  choice.keys.forEach((key, index) => {
    const other = table.find(
      (one) =>
        one !== binding &&
        one.command !== binding.command &&
        one.keys.includes(key) &&
        (one.context === binding.context || one.context === "any" || binding.context === "any") &&
        !givesWay(one, binding) &&
        // Of two that were chosen only the later one is reported.
        !(chosen.has(one) && table.indexOf(one) > table.indexOf(binding)),
    );
    if (other === undefined) return;
    const theirs = chosen.get(other);
    const where = theirs === undefined ? "" : ` (line ${problems.line(theirs.path)})`;
    const place = choice.context === undefined ? "" : ` in ${choice.context}`;
    problems.value(
      [...choice.path, index],
      `"${key}" is the key of "${nameOf(other.command)}"${where} too${place}: give one of them another key, or none: ${nameOf(other.command)} = []`,
    );
  });
}

/** For printing: every command and its keys, commands that differ between tabs once for each. */
export function keyLines(
  table: readonly Binding[],
): { context: string | undefined; command: string; keys: readonly string[] }[] {
  return commands.flatMap((command) => {
    const bindings = table.filter((one) => nameOf(one.command) === command);
    const first = bindings[0];
    if (first === undefined) return [];
    const same = bindings.every((one) => one.keys.join(" ") === first.keys.join(" "));
    if (same) return [{ context: undefined, command, keys: first.keys }];
    return bindings.map(({ context, keys }) => ({ context: context === "any" ? undefined : context, command, keys }));
  });
}
