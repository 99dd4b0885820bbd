import type { DissectContext } from "./verdict.ts";

/** What `protocol` remembers of this flow: made at first use, the same object in every later call for the flow. */
export function recall<T extends object>(context: DissectContext, protocol: string, fresh: () => T): T {
  const known = context.memory[protocol] as T | undefined;
  if (known !== undefined) return known;
  const made = fresh();
  context.memory[protocol] = made;
  return made;
}
