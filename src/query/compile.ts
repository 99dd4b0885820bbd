import type { Connection, Endpoint } from "../model/index.ts";
import { type AddressRange, compareAddresses, parseAddress, parseAddressRange } from "./address.ts";
import type { Expression, Operator, QueryError, Term, Value } from "./expression.ts";
import type { AddressField, Field, FlagField, NumberField, TextField } from "./field.ts";
import { findField, namedTexts, shownNumbers, shownTexts } from "./fields.ts";
import { containsFolded, equalsFolded, foldText } from "./fold.ts";
import { fuzzyTest } from "./fuzzy.ts";
import { parse, queryError } from "./parse.ts";
import { problem, type ProblemCode, type QueryProblem } from "./problem.ts";
import { parseNumberRange, parseQuantity } from "./quantity.ts";
import { compileRegex, compileWildcard, type Regex } from "./regex.ts";
import type { RegexProblem } from "./regex-parse.ts";
import { closestName } from "./suggest.ts";

/** Whether a row matches. `now` (milliseconds since the epoch, for `age` and `idle`) is the clock's where absent. */
export type Predicate = (connection: Connection, now?: number) => boolean;

export interface Query {
  readonly ok: true;
  readonly expression: Expression;
  readonly predicate: Predicate;
}

/** A compiled part: `now` is always there. */
type Test = (connection: Connection, now: number) => boolean;
type TextTest = (text: string) => boolean;

/** Thrown while compiling, returned by `compile`. */
class Failure extends Error {
  readonly problem: QueryProblem;
  readonly position: number;
  readonly length: number;
  constructor(what: QueryProblem, at: { position: number; length: number }) {
    super(what.code);
    this.problem = what;
    this.position = at.position;
    this.length = at.length;
  }
}

const orders = new Map<Operator, (a: number, b: number) => boolean>([
  [">", (a, b) => a > b],
  [">=", (a, b) => a >= b],
  ["<", (a, b) => a < b],
  ["<=", (a, b) => a <= b],
]);

function either(tests: readonly Test[]): Test {
  if (tests.length === 1) return tests[0]!;
  return (connection, now) => {
    for (const test of tests) if (test(connection, now)) return true;
    return false;
  };
}

function all(tests: readonly Test[]): Test {
  return (connection, now) => {
    for (const test of tests) if (!test(connection, now)) return false;
    return true;
  };
}

/** `loose`: words of free text also match with letters left out. What is negated is meant as it stands. */
function compileExpression(expression: Expression, loose = true): Test {
  switch (expression.kind) {
    case "all":
      return () => true;
    case "and":
      return all(expression.operands.map((operand) => compileExpression(operand, loose)));
    case "or":
      return either(expression.operands.map((operand) => compileExpression(operand, loose)));
    case "not": {
      const test = compileExpression(expression.operand, false);
      return (connection, now) => !test(connection, now);
    }
    case "term":
      return compileTerm(expression, loose);
  }
}

/** Throws what `compile` returns; of a query that was compiled no term does. */
export function compileTerm(term: Term, loose: boolean): Test {
  if (term.field === undefined) return freeText(term.values[0]!, loose);
  const field = findField(term.field);
  if (field === undefined) throw new Failure(problem("unknownField", { name: term.field }), term);
  const test = either(term.values.map((value) => compileValue(field, term, value)));
  if (term.operator !== "!=") return test;
  return (connection, now) => !test(connection, now);
}

function compileValue(field: Field, term: Term, value: Value): Test {
  switch (field.kind) {
    case "text":
      return textValue(field, term, value);
    case "number":
      return numberValue(field, term, value);
    case "address":
      return addressValue(field, term, value);
    case "flag":
      return flagValue(field, term, value);
  }
}

/** Ordering makes no sense for text, flags, expressions and lists. */
function refuseOrder(term: Term, code: ProblemCode): void {
  const { operator, field = "" } = term;
  if (orders.has(operator)) throw new Failure(problem(code, { field, operator }), term);
}

function regexOrFail(regex: Regex | RegexProblem, value: Value): Regex {
  if (!("problem" in regex)) return regex;
  const position = value.position + 1 + Math.min(regex.position, Math.max(0, value.length - 2));
  throw new Failure(regex.problem, { position, length: 1 });
}

/** `:` contains; `=` and `!=` compare the whole; a bare `*` is any text; `/regex/` occurs. */
function textTest(value: Value, operator: Operator, spelling: (text: string) => string): TextTest {
  if (value.kind === "regex") {
    const regex = regexOrFail(compileRegex(value.source), value);
    return (text) => regex.test(text);
  }
  if (!value.quoted && value.text.includes("*")) {
    const regex = regexOrFail(compileWildcard(spelling(value.text)), value);
    return (text) => regex.test(text);
  }
  const folded = foldText(spelling(value.text));
  return operator === ":" ? (text) => containsFolded(text, folded) : (text) => equalsFolded(text, folded);
}

function anyText(texts: TextField["texts"], test: TextTest): Test {
  return (connection) => {
    for (const read of texts) {
      const text = read(connection);
      if (text !== undefined && test(text)) return true;
    }
    return false;
  };
}

const asTyped = (text: string): string => text;

function textValue(field: TextField, term: Term, value: Value): Test {
  refuseOrder(term, "textHasNoOrder");
  return anyText(field.texts, textTest(value, term.operator, field.spelling ?? asTyped));
}

function numberValue(field: NumberField, term: Term, value: Value): Test {
  const order = orders.get(term.operator);
  if (value.kind === "regex") {
    refuseOrder(term, "regexHasNoOrder");
    const test = textTest(value, term.operator, asTyped);
    const texts = field.texts === undefined ? () => false : anyText(field.texts, test);
    const { numbers } = field;
    return (connection, now) => {
      for (const read of numbers) {
        const number = read(connection, now);
        if (!Number.isNaN(number) && test(String(number))) return true;
      }
      return texts(connection, now);
    };
  }
  const text = numberText(field, value.text);
  if (order !== undefined) return ordered(field, term, value, order);
  const range = value.quoted && field.texts !== undefined ? undefined : parseNumberRange(text, field.unit);
  if (range === undefined) {
    if (field.texts !== undefined) return anyText(field.texts, textTest(value, term.operator, asTyped));
    throw notNumber(field, value, value.text);
  }
  if (range.first > range.last) throw new Failure(problem("rangeBackwards", { text: value.text }), value);
  checkGreatest(field, range.last, value);
  const { numbers } = field;
  return (connection, now) => {
    for (const read of numbers) {
      const number = read(connection, now);
      if (number >= range.first && number <= range.last) return true;
    }
    return false;
  };
}

function ordered(field: NumberField, term: Term, value: Value, order: (a: number, b: number) => boolean): Test {
  if (term.values.length > 1) throw new Failure(problem("oneValue", { operator: term.operator }), term);
  const bound = value.kind === "text" ? parseQuantity(numberText(field, value.text), field.unit) : undefined;
  if (bound === undefined) {
    const shown = value.kind === "text" ? value.text : value.source;
    throw notNumber(field, value, shown);
  }
  checkGreatest(field, bound, value);
  const { numbers } = field;
  return (connection, now) => {
    // An unknown number is NaN and on neither side.
    for (const read of numbers) if (order(read(connection, now), bound)) return true;
    return false;
  };
}

const notNumber = (field: NumberField, value: Value, text: string): Failure =>
  new Failure(problem("notNumber", { text, field: field.name, unit: field.unit }), value);

const numberText = (field: NumberField, text: string): string =>
  field.prefix !== undefined && text.toLowerCase().startsWith(field.prefix) ? text.slice(field.prefix.length) : text;

function checkGreatest(field: NumberField, number: number, value: Value): void {
  if (field.greatest === undefined || number <= field.greatest) return;
  throw new Failure(problem("aboveMost", { field: field.name, most: field.greatest }), value);
}

/** Reused by every address test: rows are tested one after the other. */
const scratch = new Uint32Array(4);

const inRange = (endpoint: Endpoint, range: AddressRange): boolean =>
  endpoint.address !== "" &&
  parseAddress(endpoint.address, scratch) &&
  compareAddresses(scratch, range.first) >= 0 &&
  compareAddresses(scratch, range.last) <= 0;

function addressValue(field: AddressField, term: Term, value: Value): Test {
  refuseOrder(term, "addressHasNoOrder");
  const { sides } = field;
  const range = value.kind === "text" && !value.quoted ? parseAddressRange(value.text) : undefined;
  if (range !== undefined) {
    if ("problem" in range) throw new Failure(range.problem, value);
    return (connection) => {
      for (const side of sides) if (inRange(side(connection), range)) return true;
      return false;
    };
  }
  if (value.kind === "text" && !value.quoted && /^[0-9.:a-f]+\/\w*$/i.test(value.text)) {
    throw new Failure(problem("notPrefix", { text: value.text }), value);
  }
  const test = textTest(value, term.operator, asTyped);
  return (connection) => {
    for (const side of sides) {
      const endpoint = side(connection);
      if (test(endpoint.address)) return true;
      // Names are the remote side's.
      if (endpoint === connection.remote && connection.hostname !== undefined && test(connection.hostname)) return true;
    }
    return false;
  };
}

function flagValue(field: FlagField, term: Term, value: Value): Test {
  refuseOrder(term, "flagHasNoOrder");
  const word = value.kind === "text" ? value.text.toLowerCase() : value.source;
  const flag = value.kind === "text" ? field.flags.get(word) : undefined;
  if (flag !== undefined) return flag.test;
  const near = closestName(word, [...field.flags.keys()]);
  const values = { field: field.name, words: [...field.flags.keys()].join(", ") };
  const what = near === undefined ? problem("unknownFlag", values) : problem("unknownFlagNear", { ...values, near });
  throw new Failure(what, value);
}

/** True when the decimal digits of `number` hold those of `needle`, of which there are `digits`. */
function digitsContain(number: number, needle: number, digits: number): boolean {
  const width = 10 ** digits;
  const floor = digits === 1 ? 0 : width / 10;
  for (let rest = number; rest >= floor; rest = Math.floor(rest / 10)) {
    if (rest % width === needle) return true;
    if (rest < width) return false;
  }
  return false;
}

/** What is quoted is meant as it stands, and so is what holds signs, and a number. */
function fuzzyText(value: Value): Test | undefined {
  if (value.kind === "regex" || value.quoted || !/^(?=.*\p{L})[\p{L}\p{N}]+$/u.test(value.text)) return undefined;
  const test = fuzzyTest(foldText(value.text));
  return test === undefined ? undefined : anyText(namedTexts, test);
}

function freeText(value: Value, loose: boolean): Test {
  const exact = anyText(shownTexts, textTest(value, ":", asTyped));
  const near = loose ? fuzzyText(value) : undefined;
  const texts: Test = near === undefined ? exact : (connection, now) => exact(connection, now) || near(connection, now);
  if (value.kind === "regex" || !/^\d{1,10}$/.test(value.text)) return texts;
  const needle = Number(value.text);
  const digits = value.text.length;
  return (connection, now) => {
    for (const read of shownNumbers) {
      const number = read(connection, now);
      if (!Number.isNaN(number) && digitsContain(number, needle, digits)) return true;
    }
    return texts(connection, now);
  };
}

/**
 * Compiles a query to a predicate. The empty text matches everything. Never throws: what is wrong comes back with its
 * place in the text. The predicate allocates nothing per row (but for `/regex/` over a number, which is rare).
 */
export function compile(text: string): Query | QueryError {
  const parsed = parse(text);
  if (!parsed.ok) return parsed;
  try {
    const test = compileExpression(parsed.expression);
    const predicate: Predicate = (connection, now) => test(connection, now ?? Date.now());
    return { ok: true, expression: parsed.expression, predicate };
  } catch (error) {
    if (error instanceof Failure) {
      return queryError(error.problem, { position: error.position, length: Math.max(1, error.length) });
    }
    throw error;
  }
}
