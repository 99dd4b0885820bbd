import { problem } from "./problem.ts";
import {
  type AssertionKind,
  type CharacterSet,
  parseRegex,
  type RegexNode,
  type RegexProblem,
  setHas,
} from "./regex-parse.ts";

/**
 * Regular expressions in time linear in the text: the pattern becomes a non-deterministic automaton, whose sets of
 * states become the states of a deterministic one as texts ask for them. No pattern can make it slow, so patterns
 * from a keyboard, a configuration file or a socket are all alike safe. Always ignores case.
 */
export interface Regex {
  /** Whether the pattern occurs anywhere in `text`. */
  test(text: string): boolean;
}

/** A node of the automaton. `next` and `other` are indices of nodes. */
type Node =
  | { kind: "set"; set: CharacterSet; next: number }
  | { kind: "assert"; assertion: AssertionKind; next: number }
  | { kind: "split"; next: number; other: number }
  | { kind: "accept" };

const maximumNodes = 1000;
const maximumBuildSteps = 20_000;
const maximumStates = 256;
const asciiCodes = 128;
const accepted = 0;
const unknown = -1;
const endOfText = -1;

/** What stood before the place where a state is: assertions need to know. */
type Before = "start" | "word" | "other";

interface State {
  readonly nodes: readonly number[];
  readonly before: Before;
  /** Next state by ASCII code unit; `unknown` until asked for. */
  readonly next: Int32Array;
  readonly nextOther: Map<number, number>;
  atEnd: boolean | undefined;
}

const isWord = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || (code >= 0x61 && code <= 0x7a);

/** Turns the syntax tree into nodes, back to front: `#build` returns where `node` begins when `next` follows it. */
class NodeBuilder {
  readonly nodes: Node[] = [{ kind: "accept" }];
  #steps = 0;

  add(node: Node): number {
    if (this.nodes.length >= maximumNodes) throw new TooLarge();
    return this.nodes.push(node) - 1;
  }

  build(node: RegexNode, next: number): number {
    // Nested repeats of nothing make no nodes, yet would take for ever.
    if (++this.#steps > maximumBuildSteps) throw new TooLarge();
    switch (node.kind) {
      case "empty":
        return next;
      case "set":
        return this.add({ kind: "set", set: node.set, next });
      case "assert":
        return this.add({ kind: "assert", assertion: node.assertion, next });
      case "sequence":
        return node.parts.reduceRight((after, part) => this.build(part, after), next);
      case "choice":
        return node.options
          .map((option) => this.build(option, next))
          .reduceRight((other, option) => this.add({ kind: "split", next: option, other }));
      case "repeat":
        return this.#repeat(node, next);
    }
  }

  #repeat(node: RegexNode & { kind: "repeat" }, next: number): number {
    let after = next;
    if (node.most === Infinity) {
      const loop = { kind: "split" as const, next: 0, other: next };
      after = this.add(loop);
      loop.next = this.build(node.node, after);
    } else {
      for (let count = node.least; count < node.most; count++) {
        after = this.add({ kind: "split", next: this.build(node.node, after), other: next });
      }
    }
    for (let count = 0; count < node.least; count++) after = this.build(node.node, after);
    return after;
  }
}

class TooLarge extends Error {}

class LazyAutomaton implements Regex {
  readonly #nodes: readonly Node[];
  readonly #begin: number;
  #states: State[] = [];
  readonly #index = new Map<string, number>();
  #first = 0;

  constructor(nodes: readonly Node[], begin: number) {
    this.#nodes = nodes;
    this.#begin = begin;
    this.#reset();
  }

  /** Forgets all states; the bound on memory, met only by patterns and texts made to meet it. */
  #reset(): void {
    // State 0 stands for "accepted" and is never left.
    this.#states = [{ nodes: [], before: "start", next: new Int32Array(0), nextOther: new Map(), atEnd: true }];
    this.#index.clear();
    this.#first = this.#state([], "start");
  }

  test(text: string): boolean {
    let state = this.#first;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      const known = this.#states[state]!;
      let next = code < asciiCodes ? known.next[code]! : (known.nextOther.get(code) ?? unknown);
      if (next === unknown) next = this.#step(known, code);
      if (next === accepted) return true;
      state = next;
    }
    const last = this.#states[state]!;
    last.atEnd ??= this.#closure(last, endOfText) === undefined;
    return last.atEnd;
  }

  #state(nodes: readonly number[], before: Before): number {
    const key = `${before}:${nodes.join(",")}`;
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    const next = new Int32Array(asciiCodes).fill(unknown);
    const state = this.#states.push({ nodes, before, next, nextOther: new Map(), atEnd: undefined }) - 1;
    this.#index.set(key, state);
    return state;
  }

  /** The state after `code`; remembers it. */
  #step(state: State, code: number): number {
    const full = this.#states.length >= maximumStates;
    if (full) this.#reset();
    const reached = this.#closure(state, code);
    let next = accepted;
    if (reached !== undefined) {
      const after = new Set<number>();
      for (const index of reached) {
        const node = this.#nodes[index]!;
        if (node.kind === "set" && setHas(node.set, code)) after.add(node.next);
      }
      next = this.#state(
        [...after].sort((a, b) => a - b),
        isWord(code) ? "word" : "other",
      );
    }
    // After a reset `state` is no longer in the table: what it learns would be lost anyway.
    if (full) return next;
    if (code < asciiCodes) state.next[code] = next;
    else if (state.nextOther.size < asciiCodes) state.nextOther.set(code, next);
    return next;
  }

  /** Nodes reachable without reading, when `code` comes next; undefined when the end of the pattern is among them. */
  #closure(state: State, code: number): Set<number> | undefined {
    // A match may begin anywhere: the beginning is always among the nodes.
    const seen = new Set<number>([...state.nodes, this.#begin]);
    for (const index of seen) {
      const node = this.#nodes[index]!;
      if (node.kind === "accept") return undefined;
      if (node.kind === "split") seen.add(node.next).add(node.other);
      else if (node.kind === "assert" && holds(node.assertion, state.before, code)) seen.add(node.next);
    }
    return seen;
  }
}

function holds(assertion: AssertionKind, before: Before, code: number): boolean {
  switch (assertion) {
    case "start":
      return before === "start";
    case "end":
      return code === endOfText;
    case "word":
      return (before === "word") !== isWord(code);
    case "notWord":
      return (before === "word") === isWord(code);
  }
}

/** Compiles `pattern`; a problem carries its position in the pattern. Never throws. */
export function compileRegex(pattern: string): Regex | RegexProblem {
  const tree = parseRegex(pattern);
  if ("problem" in tree) return tree;
  return fromTree(tree);
}

function fromTree(tree: RegexNode): Regex | RegexProblem {
  const builder = new NodeBuilder();
  try {
    const begin = builder.build(tree, 0);
    return new LazyAutomaton(builder.nodes, begin);
  } catch (error) {
    if (error instanceof TooLarge) return { problem: problem("patternTooLarge", { most: maximumNodes }), position: 0 };
    throw error;
  }
}

/** `*` stands for any text, everything else for itself; the whole text must match. */
export function compileWildcard(pattern: string): Regex | RegexProblem {
  const parts: RegexNode[] = [{ kind: "assert", assertion: "start" }];
  for (let index = 0; index < pattern.length; index++) {
    const code = pattern.charCodeAt(index);
    const star = code === 0x2a;
    const set: CharacterSet = star ? { ranges: [], negated: true } : { ranges: [[code, code]], negated: false };
    parts.push(star ? { kind: "repeat", node: { kind: "set", set }, least: 0, most: Infinity } : { kind: "set", set });
  }
  parts.push({ kind: "assert", assertion: "end" });
  return fromTree({ kind: "sequence", parts });
}
