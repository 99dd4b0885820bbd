/** The filter language: DESIGN section 6. One table of fields drives parsing, completion, explanation and docs. */
export { compile, type Predicate, type Query } from "./compile.ts";
export { decider, type Decider, type Decision } from "./decide.ts";
export { complete, seenValues, type Completion, type Completions, type ValueSource } from "./complete.ts";
export { explain } from "./explain.ts";
export type { Expression, Operator, QueryError, Span, Term, Value } from "./expression.ts";
export { queryLimits } from "./expression.ts";
export { problemText, problemTexts, type ProblemCode, type ProblemWords, type QueryProblem } from "./problem.ts";
export { unitHint, type Unit } from "./quantity.ts";
export { parse } from "./parse.ts";
export { print } from "./print.ts";
export { fieldReference, type FieldReference, languageReference } from "./reference.ts";
export { closestName } from "./suggest.ts";
