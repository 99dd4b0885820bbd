import {
  type Expression,
  type Operator,
  type QueryError,
  queryLimits,
  type Span,
  type Term,
  type Value,
} from "./expression.ts";
import { fieldNames, findField } from "./fields.ts";
import { problem, problemText, type QueryProblem } from "./problem.ts";
import { closestName } from "./suggest.ts";

/** Thrown within the parser, returned by `parse`. */
class Failure extends Error {
  readonly problem: QueryProblem;
  readonly span: Span;
  constructor(what: QueryProblem, position: number, length: number) {
    super(what.code);
    this.problem = what;
    this.span = { position, length };
  }
}

const isSpace = (character: string): boolean => /^\s$/.test(character);
const endsWord = (character: string): boolean =>
  character === "" || character === "(" || character === ")" || isSpace(character);

/**
 * Recursive descent:
 *
 *     or   = and *( ("or" / "||") and )
 *     and  = not *( ["and" / "&&"] not )
 *     not  = ("not" / "!") not / "(" or ")" / term
 *     term = [field operator] value *("," value)
 */
class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #terms = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Expression {
    this.#skipSpace();
    if (this.#at === this.#text.length) return { kind: "all" };
    const expression = this.#or();
    if (this.#at < this.#text.length) throw new Failure(problem("notOpened"), this.#at, 1);
    return expression;
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && isSpace(this.#text.charAt(this.#at))) this.#at++;
  }

  #peek(offset = 0): string {
    return this.#text.charAt(this.#at + offset);
  }

  /** Length of the operator word (`and` or `&&`) that stands here, else 0. */
  #keyword(word: string, sign: string): number {
    if (this.#text.startsWith(sign, this.#at)) return sign.length;
    const end = this.#at + word.length;
    const here = this.#text.slice(this.#at, end).toLowerCase() === word;
    return here && endsWord(this.#text.charAt(end)) ? word.length : 0;
  }

  /** Passes over an operator word; true when it was there. What it needs on its right must follow. */
  #takeKeyword(word: string, sign: string): boolean {
    const length = this.#keyword(word, sign);
    if (length === 0) return false;
    const start = this.#at;
    this.#at += length;
    this.#skipSpace();
    if (this.#at === this.#text.length || this.#peek() === ")") {
      throw new Failure(problem("needsRight", { word: this.#text.slice(start, start + length) }), start, length);
    }
    return true;
  }

  #or(): Expression {
    const operands = [this.#and()];
    while (this.#takeKeyword("or", "||")) operands.push(this.#and());
    return operands.length === 1 ? operands[0]! : { kind: "or", operands };
  }

  #and(): Expression {
    const operands = [this.#not()];
    while (this.#at < this.#text.length && this.#peek() !== ")" && this.#keyword("or", "||") === 0) {
      this.#takeKeyword("and", "&&");
      operands.push(this.#not());
    }
    return operands.length === 1 ? operands[0]! : { kind: "and", operands };
  }

  #not(): Expression {
    const start = this.#at;
    if (++this.#depth > queryLimits.depth) {
      throw new Failure(problem("tooDeep", { most: queryLimits.depth }), start, 1);
    }
    const expression = this.#operand();
    this.#depth--;
    this.#skipSpace();
    return expression;
  }

  #operand(): Expression {
    for (const [word, sign] of [
      ["and", "&&"],
      ["or", "||"],
    ] as const) {
      const length = this.#keyword(word, sign);
      if (length > 0)
        throw new Failure(
          problem("needsLeft", { word: this.#text.slice(this.#at, this.#at + length) }),
          this.#at,
          length,
        );
    }
    if (this.#takeKeyword("not", "!")) return { kind: "not", operand: this.#not() };
    if (this.#peek() === "(") return this.#group();
    return this.#term();
  }

  #group(): Expression {
    const start = this.#at++;
    this.#skipSpace();
    if (this.#peek() === ")") throw new Failure(problem("emptyGroup"), start, this.#at + 1 - start);
    if (this.#at === this.#text.length) throw new Failure(problem("notClosed"), start, 1);
    const expression = this.#or();
    if (this.#peek() !== ")") throw new Failure(problem("notClosed"), start, 1);
    this.#at++;
    return expression;
  }

  #term(): Term {
    const position = this.#at;
    if (++this.#terms > queryLimits.terms)
      throw new Failure(problem("tooManyTerms", { most: queryLimits.terms }), position, 1);
    const head = this.#fieldAndOperator();
    // Free text is one value: a comma in it is a comma.
    const separator = head.field === undefined ? undefined : ",";
    const values = [this.#value(separator)];
    while (this.#peek() === separator) {
      if (values.length >= queryLimits.values)
        throw new Failure(problem("tooManyValues", { most: queryLimits.values }), this.#at, 1);
      this.#at++;
      values.push(this.#value(separator));
    }
    const length = this.#at - position;
    if (head.field === undefined) return { kind: "term", operator: ":", values, position, length };
    return { kind: "term", field: head.field, operator: head.operator, values, position, length };
  }

  /** Passes over `field:`; leaves the place where it was when this is free text. */
  #fieldAndOperator(): { field: string | undefined; operator: Operator } {
    const match = /^([a-z][a-z0-9_-]*)(\s*)(!=|>=|<=|[:=<>])(\s*)/i.exec(this.#text.slice(this.#at, this.#at + 64));
    const [whole, name, before, operator, after] = match ?? [];
    if (whole === undefined || name === undefined) return { field: undefined, operator: ":" };
    const field = findField(name);
    // ":" stands tight; `bytes > 10MB` may stand wide, where the word before it is a field.
    const tight = before === "" && (operator !== ":" || after === "");
    if (field === undefined) {
      if (before !== "" || this.#looksLikeAddress()) return { field: undefined, operator: ":" };
      const near = closestName(name.toLowerCase(), fieldNames);
      const what = near === undefined ? problem("unknownField", { name }) : problem("unknownFieldNear", { name, near });
      throw new Failure(what, this.#at, name.length);
    }
    if (operator === ":" && before !== "") return { field: undefined, operator: ":" };
    const end = this.#at + whole.length;
    if ((!tight && operator === ":") || endsWord(this.#text.charAt(end)) || this.#text.charAt(end) === ",") {
      const signed = name.length + (before?.length ?? 0) + (operator?.length ?? 0);
      throw new Failure(problem("needsValue", { word: `${name}${operator}` }), this.#at, signed);
    }
    if ((operator === ">" || operator === "<") && this.#text.charAt(end) === "=") {
      throw new Failure(problem("beginsWithEquals"), end, 1);
    }
    this.#at = end;
    return { field: field.name, operator: operator as Operator };
  }

  /** An IPv6 or hardware address begins like a field: "fe80::1", "aa:bb:cc:dd:ee:ff". */
  #looksLikeAddress(): boolean {
    return /^[0-9a-f]{1,4}:([0-9a-f]{0,4}:)/i.test(this.#text.slice(this.#at, this.#at + 16));
  }

  /** A bare value ends at `separator` too. */
  #value(separator: string | undefined): Value {
    const position = this.#at;
    const first = this.#peek();
    if (first === '"' || first === "'") return this.#quoted(first);
    if (first === "/") {
      const regex = this.#regex();
      if (regex !== undefined) return regex;
    }
    return this.#bare(position, separator);
  }

  #bare(position: number, separator: string | undefined): Value {
    while (!endsWord(this.#peek()) && this.#peek() !== separator) this.#at++;
    const text = this.#text.slice(position, this.#at);
    if (text === "") throw new Failure(problem("missingValue"), position, 1);
    return { kind: "text", text, quoted: false, position, length: text.length };
  }

  #quoted(quote: string): Value {
    const position = this.#at++;
    let text = "";
    for (;;) {
      const character = this.#peek();
      if (character === "") throw new Failure(problem("openQuote"), position, 1);
      this.#at++;
      if (character === quote) break;
      if (character === "\\" && (this.#peek() === quote || this.#peek() === "\\")) {
        text += this.#peek();
        this.#at++;
      } else text += character;
    }
    return { kind: "text", text, quoted: true, position, length: this.#at - position };
  }

  /**
   * `/regex/`, whose closing slash is the first that is not escaped nor within [ ] and ends the word; otherwise this is
   * a path such as /usr/bin, and undefined.
   */
  #regex(): Value | undefined {
    const position = this.#at;
    let bracket = false;
    for (let index = position + 1; index < this.#text.length; index++) {
      const character = this.#text.charAt(index);
      if (character === "\\") index++;
      else if (character === "[") bracket = true;
      else if (character === "]") bracket = false;
      else if (character === "/" && !bracket) {
        const after = this.#text.charAt(index + 1);
        if (index === position + 1 || !(endsWord(after) || after === ",")) return undefined;
        this.#at = index + 1;
        const source = this.#text.slice(position + 1, index);
        return { kind: "regex", source, position, length: this.#at - position };
      }
    }
    return undefined;
  }
}

/** What is wrong, where, and in words. */
export const queryError = (what: QueryProblem, { position, length }: Span): QueryError => ({
  ok: false,
  message: problemText(what),
  problem: what,
  position,
  length,
});

/** Reads a query. Never throws; errors say where. */
export function parse(text: string): { readonly ok: true; readonly expression: Expression } | QueryError {
  if (text.length > queryLimits.characters) {
    const what = problem("tooLong", { most: queryLimits.characters });
    return queryError(what, { position: queryLimits.characters, length: 1 });
  }
  try {
    return { ok: true, expression: new Parser(text).parse() };
  } catch (error) {
    if (error instanceof Failure) return queryError(error.problem, error.span);
    throw error;
  }
}
