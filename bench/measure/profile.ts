/** Where a program's time went, by the folder of this project: reads what `node --cpu-prof` wrote. */
import { readFileSync } from "node:fs";

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface Shares {
  /** Milliseconds that were sampled, waiting aside. */
  readonly total: number;
  /** Milliseconds of self time by folder, and by function, the largest first. */
  readonly folders: readonly (readonly [string, number])[];
  readonly functions: readonly (readonly [string, number])[];
}

const idle: ReadonlySet<string> = new Set(["(idle)", "(root)"]);

/** Sums the self time of all samples. */
export function readProfile(path: string): Shares {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path, "utf8")) as Profile;
  const self = new Map<number, number>();
  for (const [index, id] of samples.entries()) self.set(id, (self.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  const folders = new Map<string, number>();
  const functions = new Map<string, number>();
  let total = 0;
  for (const { id, callFrame } of nodes) {
    const time = self.get(id) ?? 0;
    if (idle.has(callFrame.functionName)) continue;
    total += time;
    add(folders, folderOf(callFrame.functionName, callFrame.url), time);
    const place = /.*\/(src\/.*)$/.exec(callFrame.url)?.[1] ?? "";
    if (place !== "") add(functions, `${place} ${callFrame.functionName}`, time);
  }
  return { total, folders: sorted(folders), functions: sorted(functions) };
}

function folderOf(name: string, url: string): string {
  const folder = /.*\/(src\/dissect\/protocols|src\/\w+)\//.exec(url)?.[1];
  if (folder !== undefined) return folder;
  if (name === "(garbage collector)") return "garbage collection";
  if (url.startsWith("node:internal/crypto")) return "Node: cryptography";
  if (/^(read|readSync|writeBuffer|writeString|write)$/.test(name)) return "reading and writing files";
  if (/^node:internal\/(modules|deps\/amaro|bootstrap|process)/.test(url) || url.startsWith("wasm:")) return "start";
  return "Node, other";
}

const add = (sums: Map<string, number>, key: string, value: number): void => {
  sums.set(key, (sums.get(key) ?? 0) + value);
};

const sorted = (sums: ReadonlyMap<string, number>): (readonly [string, number])[] =>
  [...sums].sort((one, other) => other[1] - one[1]);
