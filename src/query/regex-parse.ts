import { fold } from "./fold.ts";
import { problem, type ProblemCode, type QueryProblem } from "./problem.ts";

/** A set of code units: inclusive ranges, as written; case is folded when a unit is tested. */
export interface CharacterSet {
  readonly ranges: readonly (readonly [number, number])[];
  readonly negated: boolean;
}

export type AssertionKind = "start" | "end" | "word" | "notWord";

/** The part of regular expressions that a finite automaton can run: no back reference, no look-around. */
export type RegexNode =
  | { readonly kind: "empty" }
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "assert"; readonly assertion: AssertionKind }
  | { readonly kind: "sequence"; readonly parts: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly options: readonly RegexNode[] }
  | { readonly kind: "repeat"; readonly node: RegexNode; readonly least: number; readonly most: number };

/** Where in the pattern it went wrong, and why. */
export interface RegexProblem {
  readonly problem: QueryProblem;
  readonly position: number;
}

const maximumDepth = 32;
export const maximumPattern = 512;

const digit: CharacterSet = { ranges: [[0x30, 0x39]], negated: false };
const word: CharacterSet = {
  ranges: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  negated: false,
};
const space: CharacterSet = {
  ranges: [
    [0x09, 0x0d],
    [0x20, 0x20],
    [0xa0, 0xa0],
    [0x2028, 0x2029],
  ],
  negated: false,
};
const anything: CharacterSet = { ranges: [], negated: true };

const negate = (set: CharacterSet): CharacterSet => ({ ranges: set.ranges, negated: !set.negated });

const classes = new Map<string, CharacterSet>([
  ["d", digit],
  ["D", negate(digit)],
  ["w", word],
  ["W", negate(word)],
  ["s", space],
  ["S", negate(space)],
]);
const controls = new Map([
  ["t", 0x09],
  ["n", 0x0a],
  ["v", 0x0b],
  ["f", 0x0c],
  ["r", 0x0d],
  ["0", 0x00],
]);

const inRanges = (set: CharacterSet, code: number): boolean =>
  set.ranges.some(([first, last]) => code >= first && code <= last);

/** Whether `code` is in `set` in either case. */
export function setHas(set: CharacterSet, code: number): boolean {
  const upper = String.fromCharCode(code).toUpperCase();
  const found =
    inRanges(set, code) || inRanges(set, fold(code)) || (upper.length === 1 && inRanges(set, upper.charCodeAt(0)));
  return found !== set.negated;
}

/** Recursive descent over the pattern; a problem is thrown inside and returned by `parseRegex`. */
class PatternParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): RegexNode {
    const node = this.#choice();
    if (this.#at < this.#text.length) this.#fail("patternNotOpened", this.#at);
    return node;
  }

  #fail(code: ProblemCode, position: number, values: QueryProblem["values"] = {}): never {
    throw new PatternFailure({ problem: problem(code, values), position });
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #choice(): RegexNode {
    if (++this.#depth > maximumDepth) this.#fail("patternTooDeep", this.#at, { most: maximumDepth });
    const options = [this.#sequence()];
    while (this.#peek() === "|") {
      this.#at++;
      options.push(this.#sequence());
    }
    this.#depth--;
    return options.length === 1 ? options[0]! : { kind: "choice", options };
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.#at < this.#text.length && this.#peek() !== "|" && this.#peek() !== ")") parts.push(this.#quantified());
    if (parts.length === 1) return parts[0]!;
    return parts.length === 0 ? { kind: "empty" } : { kind: "sequence", parts };
  }

  #quantified(): RegexNode {
    const start = this.#at;
    let node = this.#atom();
    for (let count = 0; ; count++) {
      const bounds = this.#quantifier();
      if (bounds === undefined) return node;
      if (count > 0) this.#fail("patternNothingToRepeat", start);
      if (bounds[1] < bounds[0]) this.#fail("patternRepeatBackwards", start);
      node = { kind: "repeat", node, least: bounds[0], most: bounds[1] };
      // Lazy or greedy makes no difference to whether there is a match.
      if (this.#peek() === "?") this.#at++;
    }
  }

  #quantifier(): readonly [number, number] | undefined {
    const simple = { "*": [0, Infinity], "+": [1, Infinity], "?": [0, 1] } as const;
    const character = this.#peek();
    if (character === "*" || character === "+" || character === "?") {
      this.#at++;
      return simple[character];
    }
    if (character !== "{") return undefined;
    const match = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#text.slice(this.#at, this.#at + 12));
    if (match === null) return undefined;
    this.#at += match[0].length;
    const least = Number(match[1]);
    if (match[2] === undefined) return [least, least];
    return [least, match[3] === "" || match[3] === undefined ? Infinity : Number(match[3])];
  }

  #atom(): RegexNode {
    const start = this.#at;
    const character = this.#text.charAt(this.#at++);
    switch (character) {
      case "(":
        return this.#group(start);
      case "[":
        return { kind: "set", set: this.#bracket(start) };
      case ".":
        return { kind: "set", set: anything };
      case "^":
        return { kind: "assert", assertion: "start" };
      case "$":
        return { kind: "assert", assertion: "end" };
      case "*":
      case "+":
      case "?":
        return this.#fail("patternNothingToRepeat", start);
      case "\\":
        return this.#escape(start);
      default:
        return literal(character.charCodeAt(0));
    }
  }

  #group(start: number): RegexNode {
    if (this.#peek() === "?") {
      if (this.#text.charAt(this.#at + 1) !== ":") {
        this.#fail("patternLookAround", start);
      }
      this.#at += 2;
    }
    const node = this.#choice();
    if (this.#peek() !== ")") this.#fail("patternNotClosed", start);
    this.#at++;
    return node;
  }

  #escape(start: number): RegexNode {
    const character = this.#peek();
    if (character === "b" || character === "B") {
      this.#at++;
      return { kind: "assert", assertion: character === "b" ? "word" : "notWord" };
    }
    if (character >= "1" && character <= "9") this.#fail("patternBackReference", start);
    const set = classes.get(character);
    if (set !== undefined) {
      this.#at++;
      return { kind: "set", set };
    }
    return literal(this.#escapedCode(start));
  }

  /** The code unit that the escape at `start` stands for; `#at` is just after the backslash. */
  #escapedCode(start: number): number {
    const character = this.#text.charAt(this.#at++);
    if (character === "") this.#fail("patternBackslash", start);
    const control = controls.get(character);
    if (control !== undefined) return control;
    if (character === "x" || character === "u") {
      const length = character === "x" ? 2 : 4;
      const digits = this.#text.slice(this.#at, this.#at + length);
      if (digits.length !== length || !/^[0-9a-f]+$/i.test(digits)) {
        this.#fail("patternHexadecimal", start, { letter: character, count: length });
      }
      this.#at += length;
      return Number.parseInt(digits, 16);
    }
    if (/[a-z0-9]/i.test(character)) this.#fail("patternEscape", start, { letter: character });
    return character.charCodeAt(0);
  }

  #bracket(start: number): CharacterSet {
    const negated = this.#peek() === "^";
    if (negated) this.#at++;
    const ranges: (readonly [number, number])[] = [];
    while (this.#peek() !== "]") {
      if (this.#at >= this.#text.length) this.#fail("patternBracket", start);
      const from = this.#at;
      const first = this.#bracketItem(ranges);
      if (first === undefined || this.#peek() !== "-" || this.#text.charAt(this.#at + 1) === "]") {
        if (first !== undefined) ranges.push([first, first]);
        continue;
      }
      this.#at++;
      if (this.#at >= this.#text.length) this.#fail("patternBracket", start);
      const last = this.#bracketItem(ranges);
      if (last === undefined || last < first) this.#fail("patternBracketBackwards", from);
      ranges.push([first, last]);
    }
    this.#at++;
    return { ranges, negated };
  }

  /** One member of a bracket: its code unit, or undefined when it was a class, which is added to `ranges`. */
  #bracketItem(ranges: (readonly [number, number])[]): number | undefined {
    const start = this.#at;
    const character = this.#text.charAt(this.#at++);
    if (character !== "\\") return character.charCodeAt(0);
    const set = classes.get(this.#peek());
    if (set === undefined) {
      if (this.#peek() !== "b") return this.#escapedCode(start);
      this.#at++;
      return 0x08;
    }
    this.#at++;
    ranges.push(...(set.negated ? complement(set.ranges) : set.ranges));
    return undefined;
  }
}

const literal = (code: number): RegexNode => ({ kind: "set", set: { ranges: [[code, code]], negated: false } });

function complement(ranges: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const gaps: (readonly [number, number])[] = [];
  let next = 0;
  for (const [first, last] of ranges) {
    if (first > next) gaps.push([next, first - 1]);
    next = last + 1;
  }
  gaps.push([next, 0xffff]);
  return gaps;
}

class PatternFailure extends Error {
  readonly details: RegexProblem;
  constructor(details: RegexProblem) {
    super(details.problem.code);
    this.details = details;
  }
}

/** Reads `pattern`, at most `maximumPattern` code units. Never throws. */
export function parseRegex(pattern: string): RegexNode | RegexProblem {
  if (pattern.length > maximumPattern) {
    return { problem: problem("patternTooLong", { most: maximumPattern }), position: maximumPattern };
  }
  try {
    return new PatternParser(pattern).parse();
  } catch (error) {
    if (error instanceof PatternFailure) return error.details;
    throw error;
  }
}
