import { fieldReference, languageReference } from "../../query/index.ts";
import { commands, exitCodes, headlessNotes, options, type OptionSpec } from "./options.ts";

/** Text for roff (man(7)): backslashes, hyphens and leading dots are not commands. */
function roff(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function optionHead(option: OptionSpec): string {
  const names = [...(option.short === undefined ? [] : [`-${option.short}`]), `--${option.name}`];
  const bold = names.map((name) => `\\fB${roff(name)}\\fR`).join(", ");
  return option.value === undefined ? bold : `${bold} \\fI${roff(option.value)}\\fR`;
}

const paragraph = (head: string, text: string): string[] => [".TP", head, roff(text)];

/** The man page socklens(1), in man(7) macros. Without version and date, so that it changes only with its content. */
export function manPage(): string {
  return [
    '.\\" Generated from the tables of src/app/cli and src/query by tools/man\\-page.ts; do not edit.',
    '.TH SOCKLENS 1 "" "Socklens" "User Commands"',
    ".SH NAME",
    "socklens \\- show every connection of this machine and the process that owns it",
    ".SH SYNOPSIS",
    ".B socklens",
    "[\\fIOPTIONS\\fR]",
    ".br",
    ".B socklens",
    "\\fB\\-\\-json\\fR|\\fB\\-\\-csv\\fR|\\fB\\-\\-plain\\fR [\\fIOPTIONS\\fR]",
    ...commands.flatMap(({ name, usage }) => [".br", `.B socklens ${name}`, ...(usage === "" ? [] : [roff(usage)])]),
    ".SH DESCRIPTION",
    roff(
      "Socklens shows which process talks to whom, how fast and over which protocol, on the screen or as JSON, CSV or a " +
        "table. On Linux the kernel counts, by eBPF programs that Socklens loads when it may; otherwise it shows what its " +
        "privileges let it see and says so. socklens doctor tells what is missing.",
    ),
    ".SH COMMANDS",
    ...commands.flatMap(({ name, usage, summary, details }) =>
      paragraph(`\\fB${name}\\fR ${roff(usage)}`.trimEnd(), [`${summary}.`, ...details].join(" ")),
    ),
    ".SH OPTIONS",
    ...options.flatMap((option) => paragraph(optionHead(option), `${option.summary}.`)),
    ".SH HEADLESS",
    ...headlessNotes.flatMap((note) => [".PP", roff(note)]),
    ".SH FILTER EXPRESSIONS",
    ...languageReference.flatMap((text) => [".PP", roff(text)]),
    ...fieldReference().flatMap(({ name, aliases, summary, example }) =>
      paragraph(`\\fB${roff([name, ...aliases].join(", "))}\\fR`, `${summary}; as in ${example}`),
    ),
    ".SH EXIT STATUS",
    ...exitCodes.flatMap(([code, meaning]) => paragraph(`\\fB${code}\\fR`, `${meaning}.`)),
    ".SH FILES",
    ".TP",
    ".I docs/flow.schema.json",
    "JSON Schema of the records that \\fB\\-\\-json\\fR writes.",
    "",
  ].join("\n");
}
