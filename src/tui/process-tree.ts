import type { ConnectionId, ProcessInfo } from "../model/index.ts";
import { processKey } from "./grouping.ts";
import { rememberedParents } from "./process-parents.ts";
import { historySeconds, type Activity } from "./process-rates.ts";

/** Nodes at most: entries, and parents that have no connections themselves. */
export const mostNodes = 8192;
/** Whoever stands deeper than this below the first of its line begins a line of its own. */
export const deepest = 64;

/** A process with what it and all that it begot do. */
class TreeNode implements Activity {
  readonly key: string;
  readonly name: string;
  process: ProcessInfo | undefined;
  /** Its own connections; undefined: it has none, only its children have. */
  own: Activity | undefined;
  parent: TreeNode | undefined;
  readonly children: TreeNode[] = [];
  rows = 0;
  rxRate = 0;
  txRate = 0;
  rxMean = 0;
  txMean = 0;
  peak = 0;
  rxBytes = 0;
  txBytes = 0;
  since = Infinity;
  seen = 0;
  active = 0;
  connection: Activity["connection"];
  readonly pending = 0;
  readonly service = undefined;
  readonly container = undefined;
  #history: number[] | undefined;

  constructor(key: string, name: string, process: ProcessInfo | undefined) {
    this.key = key;
    this.name = name;
    this.process = process;
  }

  add(one: Activity): void {
    this.rows += one.rows;
    this.rxRate += one.rxRate;
    this.txRate += one.txRate;
    this.rxMean += one.rxMean;
    this.txMean += one.txMean;
    this.rxBytes += one.rxBytes;
    this.txBytes += one.txBytes;
    this.peak = Math.max(this.peak, one.peak);
    this.since = Math.min(this.since, one.since);
    this.seen = Math.max(this.seen, one.seen);
    this.active = Math.max(this.active, one.active);
  }

  /** Of those with connections, itself among them. */
  members(): Activity[] {
    const out: Activity[] = [];
    const open: TreeNode[] = [this];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.own !== undefined) out.push(node.own);
      open.push(...node.children);
    }
    return out;
  }

  /** Made when it is looked at: only what is in sight needs one. */
  get history(): number[] {
    if (this.#history !== undefined) return this.#history;
    const members = this.members();
    const length = members.reduce((most, { history }) => Math.max(most, history.length), 0);
    const sums = Array.from({ length: Math.min(length, historySeconds) }, () => 0);
    for (const { history } of members) {
      // All were taken at the same times: they end together.
      const skip = sums.length - history.length;
      history.forEach((value, index) => (sums[skip + index] = (sums[skip + index] ?? 0) + value));
    }
    return (this.#history = sums);
  }
}

/** One line of the tree. */
export interface TreeLine {
  readonly one: Activity;
  /** Parents above it. */
  readonly depth: number;
  /** "none": it has no children. */
  readonly children: "none" | "open" | "closed";
  /** It has connections of its own, not only through its children. */
  readonly isOwn: boolean;
  /** Those that its sums are of. */
  readonly members: () => readonly Activity[];
}

/** The parents of an entry, the nearest first, as far as they are known. */
export interface ParentsOf {
  (one: Activity): readonly ProcessInfo[];
}

/**
 * Processes below those that begot them, each line with the sums over all that stand below it. Bounded, and no circle in what
 * processes say of their parents makes one here. The first process of a machine is left out: everybody stems from it.
 */
export class ProcessTree {
  /** Keys of nodes whose children are not shown. */
  readonly closed = new Set<string>();
  /** The highest sum of both directions in any one tick, for nodes with children; since the tree is made. */
  #peaks = new Map<string, number>();

  /** The lines in order; siblings stand in the order of their sums. */
  lines(entries: readonly Activity[], parentsOf: ParentsOf, order: (a: Activity, b: Activity) => number): TreeLine[] {
    const nodes = linked(entries, parentsOf);
    for (const node of nodes.values()) {
      if (node.own === undefined) continue;
      for (let at: TreeNode | undefined = node; at !== undefined; at = at.parent) at.add(node.own);
    }
    const roots: TreeNode[] = [];
    for (const node of nodes.values()) (node.parent?.children ?? roots).push(node);
    this.#keepPeaks(nodes.values());
    for (const key of this.closed) if (!nodes.has(key)) this.closed.delete(key);
    return this.#flat(roots, order);
  }

  #keepPeaks(nodes: Iterable<TreeNode>): void {
    const peaks = new Map<string, number>();
    for (const node of nodes) {
      if (node.children.length === 0) continue;
      node.peak = Math.max(node.peak, node.rxRate + node.txRate, this.#peaks.get(node.key) ?? 0);
      peaks.set(node.key, node.peak);
    }
    this.#peaks = peaks;
  }

  #flat(roots: TreeNode[], order: (a: Activity, b: Activity) => number): TreeLine[] {
    const lines: TreeLine[] = [];
    const open: { node: TreeNode; depth: number }[] = [];
    const push = (nodes: TreeNode[], depth: number): void => {
      nodes.sort(order);
      for (let index = nodes.length - 1; index >= 0; index--) open.push({ node: nodes[index]!, depth });
    };
    push(roots, 0);
    for (let top = open.pop(); top !== undefined; top = open.pop()) {
      const { node, depth } = top;
      const isClosed = this.closed.has(node.key);
      const children = node.children.length === 0 ? "none" : isClosed ? "closed" : "open";
      lines.push({ one: node, depth, children, isOwn: node.own !== undefined, members: () => node.members() });
      if (children === "open") push(node.children, depth + 1);
    }
    return lines;
  }
}

/** Whom `Lineages` asks for at most each time. */
const mostAsked = 16;

/** The parents of entries, asked for a few at a time: whoever was not asked for yet has the one it remembers itself. */
export class Lineages {
  readonly #ask: (id: ConnectionId) => readonly ProcessInfo[];
  readonly #known = new Map<string, { readonly process: ProcessInfo; readonly parents: readonly ProcessInfo[] }>();
  #left = 0;

  /** `ask` gives the owner of a connection and its parents, the nearest first. */
  constructor(ask: (id: ConnectionId) => readonly ProcessInfo[]) {
    this.#ask = ask;
  }

  /** To be called before each round of questions; forgets those that are not among the entries. */
  begin(entries: readonly Activity[]): void {
    this.#left = mostAsked;
    if (this.#known.size <= entries.length) return;
    const keys = new Set(entries.map(({ key }) => key));
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key);
  }

  readonly parentsOf: ParentsOf = (one) => {
    const { process, connection } = one;
    if (process === undefined) return [];
    const known = this.#known.get(one.key);
    // Facts that changed come as another object.
    if (known?.process === process) return known.parents;
    if (this.#left === 0 || connection === undefined) return known?.parents ?? rememberedParents(process);
    this.#left--;
    const [owner, ...parents] = this.#ask(connection);
    // Its connection may be gone from the table by now.
    const isOurs = owner !== undefined && owner.pid === process.pid;
    const made = isOurs ? parents : (known?.parents ?? rememberedParents(process));
    this.#known.set(one.key, { process, parents: made });
    return made;
  };
}

/** A node for each entry and for their parents, with `parent` set and nothing summed. */
function linked(entries: readonly Activity[], parentsOf: ParentsOf): Map<string, TreeNode> {
  const nodes = new Map<string, TreeNode>();
  const byPid = new Map<number, TreeNode>();
  const add = (key: string, name: string, process: ProcessInfo | undefined): TreeNode => {
    const node = new TreeNode(key, name, process);
    nodes.set(key, node);
    const known = process === undefined ? undefined : byPid.get(process.pid);
    if (process !== undefined && (known?.process?.start ?? -1) < process.start) byPid.set(process.pid, node);
    return node;
  };
  for (const one of entries) {
    const node = add(one.key, one.name, one.process);
    node.own = one;
    node.connection = one.connection;
  }
  for (const one of entries) {
    let child = nodes.get(one.key);
    for (const process of parentsOf(one)) {
      if (process.pid <= 1 || child === undefined) break;
      const key = processKey(process);
      let parent: TreeNode | undefined = nodes.get(key) ?? (process.start > 0 ? undefined : byPid.get(process.pid));
      if (parent === undefined && nodes.size < mostNodes) parent = add(key, process.name, process);
      if (parent === undefined) break;
      if (child.parent === undefined && mayBegin(parent, child)) child.parent = parent;
      child = parent;
    }
  }
  return nodes;
}

/** True: `child` is not above `parent`, and there is an end above it. */
function mayBegin(parent: TreeNode, child: TreeNode): boolean {
  let at: TreeNode | undefined = parent;
  for (let depth = 0; depth < deepest; depth++) {
    if (at === undefined) return true;
    if (at === child) return false;
    at = at.parent;
  }
  return false;
}
