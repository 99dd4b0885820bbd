import type { Connection, ProcessInfo } from "../model/index.ts";
import { containerText } from "./cell-text.ts";

/** What rows are put together by. */
export const groupings = ["none", "process", "service", "container", "host", "app", "country"] as const;

export type Grouping = (typeof groupings)[number];

/** The key of the rows that nothing is known of. No title is it: titles are not looked up by it. */
export const unknownGroup = "?";

const processKeys = new WeakMap<ProcessInfo, string>();

/** A process is its pid and its start. */
export function processKey(process: ProcessInfo): string {
  const known = processKeys.get(process);
  if (known !== undefined) return known;
  const made = `${process.pid}/${process.start}`;
  processKeys.set(process, made);
  return made;
}

/** What tells the row's group from others; "" where the row does not know. */
export const groupIdentity = (row: Connection, grouping: Grouping): string =>
  grouping === "process"
    ? row.process === undefined
      ? ""
      : processKey(row.process)
    : grouping === "container"
      ? (row.process?.container?.id ?? "")
      : groupTitle(row, grouping);

/** The group's name; "" where the row does not know. */
export function groupTitle(row: Connection, grouping: Grouping): string {
  switch (grouping) {
    case "process":
      return row.process?.name ?? "";
    case "service":
      return row.process?.service ?? "";
    case "container":
      return containerText(row);
    case "host":
      return row.hostname ?? row.remote.address;
    case "app":
      return row.application?.name ?? "";
    case "country":
      return row.geo?.country ?? "";
    case "none":
      return "";
  }
}
