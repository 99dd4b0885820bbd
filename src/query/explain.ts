import { compile } from "./compile.ts";
import type { Expression, QueryError, Term, Value } from "./expression.ts";
import type { Field, NumberField } from "./field.ts";
import { findField } from "./fields.ts";

const comparisons = new Map([
  [">", "more than"],
  [">=", "at least"],
  ["<", "less than"],
  ["<=", "at most"],
]);

/** What the query asks for, as one sentence for a person; or why it is not a query. */
export function explain(text: string): { readonly ok: true; readonly sentence: string } | QueryError {
  const compiled = compile(text);
  if (!compiled.ok) return compiled;
  if (compiled.expression.kind === "all") return { ok: true, sentence: "All connections." };
  return { ok: true, sentence: `Connections ${phrase(compiled.expression)}.` };
}

function phrase(expression: Expression): string {
  switch (expression.kind) {
    case "all":
      return "of any kind";
    case "and":
      return expression.operands.map((operand) => bracketed(operand)).join(" and ");
    case "or":
      return expression.operands.map((operand) => bracketed(operand)).join(" or ");
    case "not":
      return `not ${bracketed(expression.operand)}`;
    case "term":
      return termPhrase(expression);
  }
}

const bracketed = (expression: Expression): string =>
  expression.kind === "and" || expression.kind === "or" ? `(${phrase(expression)})` : phrase(expression);

const shown = (value: Value): string =>
  value.kind === "regex" ? `text matching /${value.source}/` : JSON.stringify(value.text);

const list = (values: readonly Value[], show: (value: Value) => string): string => values.map(show).join(" or ");

function termPhrase(term: Term): string {
  const field = term.field === undefined ? undefined : findField(term.field);
  if (field === undefined) return `that show ${list(term.values, shown)}`;
  if (field.kind === "flag") {
    const flags = list(term.values, (value) => flagSummary(field, value));
    return term.operator === "!=" ? `that are not ${flags}` : `that are ${flags}`;
  }
  const subject = `whose ${field.summary}`;
  const negation = term.operator === "!=" ? "not " : "";
  return `${subject} ${negation}${list(term.values, (value) => valuePhrase(field, term, value))}`;
}

const flagSummary = (field: Field & { kind: "flag" }, value: Value): string =>
  (value.kind === "text" ? field.flags.get(value.text.toLowerCase())?.summary : undefined) ?? shown(value);

function valuePhrase(field: Field, term: Term, value: Value): string {
  if (value.kind === "regex") return shown(value);
  const comparison = comparisons.get(term.operator);
  if (comparison !== undefined) return `${comparison} ${value.text}`;
  if (field.kind === "number" && isNumber(field, value)) return value.text.replace("-", " to ");
  if (field.kind === "address" && /^[0-9a-f.:]*[.:][0-9a-f.:]*([/-].*)?$/i.test(value.text)) return value.text;
  const exact = term.operator !== ":" || value.text.includes("*");
  return `${exact ? "" : "like "}${shown(value)}`;
}

const isNumber = (field: NumberField, value: Value & { kind: "text" }): boolean =>
  field.texts === undefined || /^(as)?\d/i.test(value.text);
