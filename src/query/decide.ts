import type { Connection } from "../model/index.ts";
import { parseAddressRange } from "./address.ts";
import { compileTerm, type Query } from "./compile.ts";
import type { Expression, Term, Value } from "./expression.ts";
import type { Field } from "./field.ts";
import { findField, isAllKnown, isIdentified } from "./fields.ts";

/** Whether a row matches for good, does not, or nobody can tell before more is known of it. */
export type Decision = "yes" | "no" | "open";

/** As `Predicate`, in three values. */
export type Decider = (connection: Connection, now?: number) => Decision;

type Decide = (connection: Connection, now: number) => Decision;

/**
 * What a query says of a row of which not all is known yet: its protocol, its owner and its names may come after its first
 * packets, and even after its end. Counters, times and states count as they are now. Three-valued logic as Kleene's: "open and no" is no.
 */
export function decider({ expression }: Query): Decider {
  const decide = compileDecision(expression, true);
  return (connection, now) => decide(connection, now ?? Date.now());
}

function compileDecision(expression: Expression, loose: boolean): Decide {
  switch (expression.kind) {
    case "all":
      return () => "yes";
    case "and":
      return joined(expression.operands, loose, "no", "yes");
    case "or":
      return joined(expression.operands, loose, "yes", "no");
    case "not": {
      const decide = compileDecision(expression.operand, false);
      const negated = { yes: "no", no: "yes", open: "open" } as const;
      return (connection, now) => negated[decide(connection, now)];
    }
    case "term":
      return compileTermDecision(expression, loose);
  }
}

/** `decisive` of one operand settles it; else one that is open leaves it open. */
function joined(operands: readonly Expression[], loose: boolean, decisive: Decision, otherwise: Decision): Decide {
  const parts = operands.map((operand) => compileDecision(operand, loose));
  return (connection, now) => {
    let result = otherwise;
    for (const part of parts) {
      const decision = part(connection, now);
      if (decision === decisive) return decision;
      if (decision === "open") result = "open";
    }
    return result;
  };
}

function compileTermDecision(term: Term, loose: boolean): Decide {
  const { field, operator } = term;
  if (field === undefined) {
    const test = compileTerm(term, loose);
    return (connection, now) => (test(connection, now) ? "yes" : isAllKnown(connection) ? "no" : "open");
  }
  const isKnown = knowledgeOf(term, field);
  // "!=" is true of what is not there: it is the equality that is open.
  const isUnequal = operator === "!=";
  const test = compileTerm(isUnequal ? { ...term, operator: "=" } : term, loose);
  const [match, miss] = isUnequal ? (["no", "yes"] as const) : (["yes", "no"] as const);
  // A protocol that only its port hints at may turn out to be another one.
  const mayChange = field === "app";
  return (connection, now) => {
    const known = isKnown === undefined || isKnown(connection);
    if ((known || !mayChange) && test(connection, now)) return match;
    return known ? miss : "open";
  };
}

/** When what the term asks for is known; undefined: at once. */
function knowledgeOf({ values }: Term, name: string): Field["isKnown"] {
  const field = findField(name);
  if (field?.kind !== "address") return field?.isKnown;
  const isRange = (value: Value): boolean =>
    value.kind === "text" && !value.quoted && parseAddressRange(value.text) !== undefined;
  // What is no address may be the name of one.
  return values.every(isRange) ? undefined : isIdentified;
}
