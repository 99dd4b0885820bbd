import { epochMillis, type ProcessInfo } from "../model/index.ts";

/** The parents of a process as it remembers them itself, the nearest first: what a recording told, else only the one. */
export const rememberedParents = ({ parent, ancestors }: ProcessInfo): ProcessInfo[] =>
  (ancestors ?? (parent === undefined ? [] : [parent])).map((one) => ({ ...one, start: epochMillis(0) }));
