import type { Family, FamilyLookup } from "../model/index.ts";
import { familyRows } from "./family-table.ts";

/** Labels of a name that are looked at, from its end: longer ones are nobody's published domain. */
const mostLabels = 6;
/** RFC 1035 section 2.3.4. */
const longestName = 253;

/** Families by domain, in lower case; made at first use. */
let byDomain: ReadonlyMap<string, Family> | undefined;

function readTable(): ReadonlyMap<string, Family> {
  const table = new Map<string, Family>();
  for (const [name, category, domains] of familyRows) {
    const family: Family = { name, category };
    for (const domain of domains.split(" ")) table.set(domain, family);
  }
  return table;
}

/**
 * The family of services a host name belongs to: by the longest of its domains that is in the table, in any case and with
 * or without the root's dot. Undefined when there is none.
 */
export const familyOf: FamilyLookup = (hostname) => {
  if (hostname.length > longestName) return undefined;
  byDomain ??= readTable();
  const end = hostname.endsWith(".") ? hostname.length - 1 : hostname.length;
  const name = hostname.slice(0, end).toLowerCase();
  for (let at = startOf(name, mostLabels); ;) {
    const family = byDomain.get(at === 0 ? name : name.slice(at));
    if (family !== undefined) return family;
    const dot = name.indexOf(".", at);
    if (dot < 0) return undefined;
    at = dot + 1;
  }
};

/** Where the last `labels` labels of a name begin. */
function startOf(name: string, labels: number): number {
  let at = name.length;
  for (let count = 0; count < labels; count++) {
    at = name.lastIndexOf(".", at - 1);
    if (at < 0) return 0;
  }
  return at + 1;
}
