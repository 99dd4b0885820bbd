import type { Connection } from "../model/index.ts";
import type { Field } from "./field.ts";
import { fields, findField } from "./fields.ts";
import { quote } from "./print.ts";

/** One thing that may stand at the cursor. */
export interface Completion {
  /** What replaces the text from `start` to `end`. */
  readonly text: string;
  /** A few words on what it is, in English. */
  readonly summary: string;
  /** What they are about, for other languages; absent where there is nothing to say. */
  readonly about?:
    | { readonly kind: "field"; readonly name: string; readonly example: string }
    | { readonly kind: "flag"; readonly name: string }
    | { readonly kind: "operator"; readonly name: "and" | "or" | "not" };
}

export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly items: readonly Completion[];
}

/** Values that the rows at hand have for a field, most wanted first; what a screen can offer beside fixed words. */
export type ValueSource = (field: string) => Iterable<string>;

const maximumItems = 32;
/** Distinct values that are counted for one field. */
const mostValues = 4096;

/** The values that `connections` have for a field, most frequent first. Flags have none: their words are fixed. */
export const seenValues =
  (connections: readonly Connection[]): ValueSource =>
  (name) => {
    const field = findField(name);
    if (field === undefined) return [];
    const counts = new Map<string, number>();
    for (const connection of connections) countValues(field, connection, counts);
    return [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1)).map(([value]) => value);
  };

function countValues(field: Field, connection: Connection, counts: Map<string, number>): void {
  const count = (value: string | undefined): void => {
    if (value === undefined || value === "") return;
    const known = counts.get(value);
    if (known !== undefined || counts.size < mostValues) counts.set(value, (known ?? 0) + 1);
  };
  if (field.kind === "address") for (const side of field.sides) count(side(connection).address);
  if (field.kind === "text" || field.kind === "number") for (const read of field.texts ?? []) count(read(connection));
  // Measures (bytes, rates, times) are as many values as rows: only what names something is worth an offer.
  if (field.kind !== "number" || field.unit !== "count") return;
  for (const read of field.numbers) {
    const number = read(connection, 0);
    if (!Number.isNaN(number)) count(String(number));
  }
}

const operators: readonly Completion[] = [
  { text: "and ", summary: "both", about: { kind: "operator", name: "and" } },
  { text: "or ", summary: "either", about: { kind: "operator", name: "or" } },
  { text: "not ", summary: "all but", about: { kind: "operator", name: "not" } },
];

/** Where the word at `cursor` begins: after the last space or parenthesis that no quote holds. */
function wordStart(text: string, cursor: number): number {
  let start = 0;
  let quoteOpen = "";
  for (let index = 0; index < cursor; index++) {
    const character = text.charAt(index);
    if (quoteOpen !== "") {
      if (character === "\\") index++;
      else if (character === quoteOpen) quoteOpen = "";
    } else if (character === "(" || character === ")" || /\s/.test(character)) start = index + 1;
    else if ((character === '"' || character === "'") && /^$|[\s(:=<>,]/.test(text.charAt(index - 1))) {
      quoteOpen = character;
    }
  }
  return start;
}

/**
 * What may be typed at `cursor` (a place between code units of `text`): names of fields, values of the field before
 * the operator, or and/or/not. Never throws.
 */
export function complete(text: string, cursor: number, values?: ValueSource): Completions {
  const end = Math.min(Math.max(0, Math.trunc(cursor)), text.length);
  const start = wordStart(text, end);
  const word = text.slice(start, end);
  const head = /^(!?)([a-z][a-z0-9_-]*)(!=|>=|<=|[:=<>])(.*)$/is.exec(word);
  const field = head?.[2] === undefined ? undefined : findField(head[2]);
  if (field !== undefined && head?.[4] !== undefined) return completeValue(field, head[4], end, values);
  return completeName(text, start, end, word);
}

function completeName(text: string, start: number, end: number, word: string): Completions {
  const negated = word.startsWith("!") ? 1 : 0;
  const typed = word.slice(negated).toLowerCase();
  const named = fields.flatMap((field) => {
    const name = [field.name, ...field.aliases].find((candidate) => candidate.startsWith(typed));
    const about = { kind: "field", name: field.name, example: field.example } as const;
    return name === undefined ? [] : [{ text: `${name}:`, summary: fieldSummary(field), about }];
  });
  const before = text.slice(0, start).trimEnd();
  const afterTerm = before !== "" && !/(^|[\s(])(and|or|not)$|[(!]$|&&$|\|\|$/i.test(before);
  const words = operators.filter(
    (operator) => operator.text.startsWith(typed) && (afterTerm || operator.text === "not "),
  );
  const items = typed === "" ? [...words, ...named] : [...named, ...words];
  return { start: start + negated, end, items: items.slice(0, maximumItems) };
}

/** A field in a line: "destination port (dport:80,443)". */
const fieldSummary = (field: Field): string =>
  `${field.summary.replace(/ (is|are|contains|is named|is registered in)$/, "")} (${field.example})`;

function completeValue(field: Field, typed: string, end: number, values: ValueSource | undefined): Completions {
  const last = typed.slice(typed.lastIndexOf(",") + 1);
  const start = end - last.length;
  const wanted = last.replace(/^["']/, "").toLowerCase();
  const items = new Map<string, string>();
  const offer = (value: string, summary: string): void => {
    if (items.size < maximumItems && value.toLowerCase().includes(wanted)) items.set(value, summary);
  };
  if (field.kind === "flag") for (const [name, flag] of field.flags) offer(name, flag.summary);
  for (const value of field.suggestions ?? []) offer(value, "");
  let seen = 0;
  for (const value of values?.(field.name) ?? []) {
    if (++seen > 10_000) break;
    if (!items.has(value)) offer(value, "");
  }
  const needsQuotes = /[\s()",'*/\\]/;
  return {
    start,
    end,
    items: [...items].map(([value, summary]) => ({
      text: needsQuotes.test(value) ? quote(value) : value,
      summary,
      ...(field.kind === "flag" && { about: { kind: "flag", name: value } as const }),
    })),
  };
}
