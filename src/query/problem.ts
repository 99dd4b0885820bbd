import { type Unit, unitHint } from "./quantity.ts";

/**
 * Every mistake that a query can hold, in English. `{name}` stands for a value; `{unit}` for what may follow a number of
 * that unit. A screen in another language has a table of the same codes.
 */
export const problemTexts = {
  tooLong: "longer than {most} characters",
  tooDeep: "nested deeper than {most}",
  tooManyTerms: "more than {most} terms",
  tooManyValues: "more than {most} values",
  notOpened: "this ) has no (",
  notClosed: "this ( is not closed",
  emptyGroup: "nothing between ( and )",
  needsRight: '"{word}" needs something on its right',
  needsLeft: '"{word}" needs something on its left',
  unknownField: 'no field is called "{name}" (put text in quotes)',
  unknownFieldNear: 'no field is called "{name}"; did you mean "{near}"? (put text in quotes)',
  needsValue: '"{word}" needs a value right after it',
  beginsWithEquals: 'a value cannot begin with "=" here (put it in quotes)',
  missingValue: "a value is missing here",
  openQuote: "this quote is not closed",
  textHasNoOrder: '"{field}" is text and cannot be compared with "{operator}"',
  addressHasNoOrder: '"{field}" is an address and cannot be compared with "{operator}"',
  flagHasNoOrder: '"{field}" cannot be compared with "{operator}"',
  regexHasNoOrder: 'a regular expression cannot be compared with "{operator}"',
  oneValue: '"{operator}" takes one value',
  notNumber: '"{text}" is not a number for "{field}" ({unit})',
  rangeBackwards: 'the range "{text}" ends before it begins',
  aboveMost: '"{field}" is at most {most}',
  prefixLength: "the prefix length must be 0 to {most}",
  notPrefix: '"{text}" is not an address and prefix length, such as 10.0.0.0/8',
  unknownFlag: '"{field}" takes one of {words}',
  unknownFlagNear: '"{field}" takes one of {words}; did you mean "{near}"?',
  patternTooLong: "the pattern is longer than {most} characters",
  patternTooLarge: "the pattern needs more than {most} states",
  patternTooDeep: "groups nest deeper than {most}",
  patternNotOpened: "unmatched )",
  patternNotClosed: "( is not closed",
  patternBracket: "[ is not closed",
  patternBracketBackwards: "the range in [ ] ends before it begins",
  patternNothingToRepeat: "nothing to repeat",
  patternRepeatBackwards: "the repeat ends before it begins",
  patternLookAround: "look-around and named groups are not supported; (?: ) is",
  patternBackReference: "back references are not supported",
  patternBackslash: "the pattern ends in a backslash",
  patternHexadecimal: "\\{letter} needs {count} hexadecimal digits",
  patternEscape: "unknown escape \\{letter}",
} as const;

export type ProblemCode = keyof typeof problemTexts;

/** What is wrong with a query: which mistake, and what it is about. */
export interface QueryProblem {
  readonly code: ProblemCode;
  readonly values: Readonly<Record<string, string | number>>;
}

export const problem = (code: ProblemCode, values: QueryProblem["values"] = {}): QueryProblem => ({ code, values });

/** The words of a language for mistakes. */
export interface ProblemWords {
  readonly problems: Readonly<Record<ProblemCode, string>>;
  readonly units: Readonly<Record<Unit, string>>;
}

const english: ProblemWords = { problems: problemTexts, units: unitHint };

/** The mistake in words. */
export function problemText({ code, values }: QueryProblem, words: ProblemWords = english): string {
  return words.problems[code].replace(/\{(\w+)\}/g, (whole, name: string) =>
    name === "unit" ? words.units[values["unit"] as Unit] : String(values[name] ?? whole),
  );
}
