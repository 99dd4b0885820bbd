import type { QueryProblem } from "./problem.ts";

/** How a term compares: `:` contains (text) or equals (numbers), `=` equals, `!=` does not, the others order. */
export type Operator = ":" | "=" | "!=" | ">" | ">=" | "<" | "<=";

/** Where something stands in the text of a query, in UTF-16 code units. */
export interface Span {
  readonly position: number;
  readonly length: number;
}

/** One value of a term. A quoted text is taken as it is: no range, no wildcard. */
export type Value =
  | ({ readonly kind: "text"; readonly text: string; readonly quoted: boolean } & Span)
  | ({ readonly kind: "regex"; readonly source: string } & Span);

/** `field:value,value` or, where `field` is absent, free text over all shown fields. */
export interface Term extends Span {
  readonly kind: "term";
  /** Canonical name in the field table. */
  readonly field?: string;
  readonly operator: Operator;
  /** At least one; a row matches when any of them does (`!=`: when none does). */
  readonly values: readonly Value[];
}

/** A parsed query. `all` is the empty one: every row matches. */
export type Expression =
  | { readonly kind: "all" }
  | { readonly kind: "and"; readonly operands: readonly Expression[] }
  | { readonly kind: "or"; readonly operands: readonly Expression[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | Term;

/** Why a text is not a query, and where. `position + length` never exceeds the text by more than one. */
export interface QueryError extends Span {
  readonly ok: false;
  /** In English. */
  readonly message: string;
  readonly problem: QueryProblem;
}

/** Bounds of what a query may be: texts come from configuration files and sockets too. */
export const queryLimits = { characters: 4096, depth: 64, terms: 256, values: 256 } as const;
