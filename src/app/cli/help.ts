import { fieldReference, languageReference } from "../../query/index.ts";
import {
  type CommandName,
  commands,
  type CommandSpec,
  exitCodes,
  headlessNotes,
  options,
  type OptionSpec,
} from "./options.ts";

const lineWidth = 100;

/** `text` in lines of at most `width` characters, broken at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** "-i, --interface INTERFACE". */
export function optionSyntax(option: OptionSpec): string {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const choices = option.choices === undefined ? "" : ` [${option.choices.join("|")}]`;
  return `${short}--${option.name}${option.value === undefined ? choices : ` ${option.value}`}`;
}

/** Two columns; the right one is wrapped. */
function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.min(34, Math.max(...rows.map(([name]) => name.length)));
  return rows.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrap(text, lineWidth - left - 4);
    const heading =
      name.length > left ? [`  ${name}`, `  ${" ".repeat(left)}  ${first}`] : [`  ${name.padEnd(left)}  ${first}`];
    return [...heading, ...rest.map((line) => `  ${" ".repeat(left)}  ${line}`)];
  });
}

const optionRows = (wanted: (option: OptionSpec) => boolean): (readonly [string, string])[] =>
  options.filter(wanted).map((option) => [optionSyntax(option), option.summary]);

const indented = (texts: readonly string[]): string[] =>
  texts.flatMap((text) => wrap(text, lineWidth - 4).map((line, index) => (index === 0 ? `  ${line}` : `    ${line}`)));

const invocations: readonly (readonly [string, string])[] = [
  ["socklens [OPTIONS]", "watch on the screen"],
  ["socklens --json|--csv|--plain [OPTIONS]", "write for scripts and people"],
  ...commands.map(({ name, usage }) => [`socklens ${name} ${usage}`.trimEnd(), ""] as const),
];

/** Example of the filter language: DESIGN section 6. */
const example = "process:firefox and (port:443 or sni:/\\.cdn\\./) and not dst:10.0.0.0/8 and bytes>10MB";

/** Text of `socklens --help`. */
export function mainHelp(): string {
  const fieldNames = fieldReference().flatMap(({ name, aliases }) => [[name, ...aliases].join("|")]);
  return [
    "Socklens shows every connection of this machine and the process that owns it.",
    "",
    "Usage:",
    ...invocations.map(([form, what]) => (what === "" ? `  ${form}` : `  ${form.padEnd(40)}  ${what}`)),
    "",
    "Commands:",
    ...twoColumns(commands.map(({ name, summary }) => [name, summary])),
    "",
    "Options:",
    ...twoColumns(optionRows(() => true)),
    "",
    "Headless:",
    ...indented(headlessNotes),
    "",
    "Filter expressions:",
    ...indented([...languageReference, `Fields: ${fieldNames.join(" ")}`, `Example: ${example}`]),
    "",
    "Exit codes:",
    ...twoColumns(exitCodes.map(([code, meaning]) => [String(code), meaning])),
    "",
  ].join("\n");
}

/** Text of `socklens help COMMAND`. */
export function commandHelp(command: CommandSpec): string {
  const belongs = (option: OptionSpec): boolean => option.commands.includes(command.name as CommandName);
  const rows = optionRows(belongs);
  return [
    `Usage: socklens ${command.name} ${command.usage}`.trimEnd(),
    "",
    ...wrap(`${command.summary}.`, lineWidth),
    ...command.details.flatMap((text) => ["", ...wrap(text, lineWidth)]),
    ...(rows.length === 0 ? [] : ["", "Options:", ...twoColumns(rows)]),
    "",
  ].join("\n");
}
