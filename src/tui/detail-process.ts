import type { ProcessInfo } from "../model/index.ts";
import type { CardFields, DetailSubject } from "./detail-field.ts";
import { formatAge, formatClock, formatMoment } from "./format.ts";
import { fill, type Messages } from "./messages.ts";
import { rememberedParents } from "./process-parents.ts";

/** Branches go no further to the right than so many levels. */
const deepest = 8;

/** The owner of a connection: whose child it is, as a tree, and what is known of itself. */
export function processFields({ row, lineage, now }: DetailSubject, to: CardFields): void {
  const { messages } = to;
  const { process } = row;
  if (process === undefined) {
    to.add("", messages.unknownProcess, { role: "muted" });
    return;
  }
  const chain = lineage.length > 0 ? lineage : [process, ...rememberedParents(process)];
  treeFields(chain, now, to);
  ownerFields(chain[0] ?? process, now, to);
}

/** From the first process down to the owner; each with who runs it, since when and where, and its arguments below it. */
function treeFields(chain: readonly ProcessInfo[], now: number, to: CardFields): void {
  const { messages } = to;
  chain.toReversed().forEach((process, depth, all) => {
    const indent = Math.min(depth, deepest);
    const above = all[depth - 1]?.workingDirectory;
    const { workingDirectory: directory } = process;
    const facts = [
      userText(process),
      startText(process, now, messages),
      directory === above || depth === all.length - 1 ? undefined : directory,
    ].filter((text) => text !== undefined);
    const value = `${process.name} (${process.pid})`;
    to.add("", value, {
      lead: depth === 0 ? "" : `${"   ".repeat(indent - 1)}└─ `,
      role: depth === all.length - 1 ? "process" : "text",
      note: facts.join(" · "),
      copy: [value, ...facts].join(" · "),
      short: true,
    });
    // Those of the owner stand in fields of their own.
    if (depth === all.length - 1) return;
    to.add("", argumentsOf(process), { lead: `${"   ".repeat(indent)}│  `, role: "muted", short: true });
  });
}

/** The arguments; before them the executable, where they do not begin with it. */
function argumentsOf({ executable, commandLine }: ProcessInfo): string | undefined {
  if (commandLine === undefined || commandLine.length === 0) return executable;
  const text = commandLine.map(quoted).join(" ");
  return executable === undefined || commandLine[0] === executable ? text : `${executable}: ${text}`;
}

function ownerFields(process: ProcessInfo, now: number, to: CardFields): void {
  const { messages } = to;
  const moment = (label: string, time: number | undefined): void => {
    const copy = time === undefined ? undefined : isoTime(time);
    if (time === undefined || copy === undefined) return;
    to.add(label, formatMoment(time, now), { copy, short: true });
  };
  to.add(messages.fieldExecutable, process.executable);
  to.add(messages.fieldCommandLine, process.commandLine?.map(quoted).join(" "));
  to.add(messages.fieldDirectory, process.workingDirectory);
  to.add(messages.columnPid, process.pid);
  to.add(messages.columnUser, userText(process));
  to.add(messages.fieldGroup, process.groupId);
  moment(messages.fieldStarted, process.start);
  moment(messages.fieldExited, process.exit);
  to.add(messages.fieldUnit, process.service);
  if (process.container !== undefined) {
    const { runtime, name, id } = process.container;
    to.add(messages.columnContainer, [name, runtime, id].filter((part) => part !== undefined).join(" "));
  }
  to.add("Cgroup", process.cgroupPath ?? process.cgroupId);
}

const isoTime = (time: number): string | undefined =>
  time > 0 && time < 8.64e15 ? new Date(time).toISOString() : undefined;

function userText({ user }: ProcessInfo): string | undefined {
  if (user === undefined) return undefined;
  return user.name === undefined ? String(user.id) : `${user.name} (${user.id})`;
}

function startText({ start }: ProcessInfo, now: number, messages: Messages): string | undefined {
  if (start <= 0) return undefined;
  const age = formatAge(now - start);
  return now - start < 86_400_000 ? `${formatClock(start)} (${age})` : fill(messages.fieldAgo, { age });
}

const quoted = (argument: string): string =>
  argument === "" || /[\s'"\\$`]/.test(argument) ? `'${argument.replaceAll("'", String.raw`'\''`)}'` : argument;
