import { problemText, type Completion, type ProblemWords, type QueryProblem } from "../query/index.ts";

/** What the filter says in a language: mistakes, and what completion tells of its offers. English is the query's own. */
export interface QueryWords extends ProblemWords {
  /** What a field asks for, by its name: "destination port". */
  readonly fields: Readonly<Record<string, string>>;
  /** What a word of `is:` means. */
  readonly flags: Readonly<Record<string, string>>;
  readonly operators: Readonly<Record<"and" | "or" | "not", string>>;
}

/** A few words on an offer. */
export function offerText({ about, summary }: Completion, words: QueryWords | undefined): string {
  if (about === undefined || words === undefined) return summary;
  if (about.kind === "operator") return words.operators[about.name];
  if (about.kind === "flag") return words.flags[about.name] ?? summary;
  const known = words.fields[about.name];
  return known === undefined ? summary : `${known} (${about.example})`;
}

/** What is wrong with a filter. */
export const mistakeText = (problem: QueryProblem, words: QueryWords | undefined): string =>
  words === undefined ? problemText(problem) : problemText(problem, words);
