/** What ptcpdump (0.x) writes into the comments of frames in pcapng: "Name: value" on lines of their own. */
import { epochMillis, pid, type ProcessInfo } from "../model/index.ts";
import { textOf, wholeOf } from "./read-flow-record.ts";

/** Length of the kernel's name of a process. */
const longestName = 15;
const mostPid = 0x40_0000;
const mostId = 0xffff_ffff;
/** Older versions call some of them otherwise. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ["Command", "Cmd"],
  ["ParentCommand", "ParentCmd"],
]);

/** The first value of each name: what follows may come from within a value. */
function valuesOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n", 64)) {
    const at = line.indexOf(":");
    if (at <= 0) continue;
    const written = line.slice(0, at).trim();
    const name = otherNames.get(written) ?? written;
    if (!values.has(name)) values.set(name, line.slice(at + 1).trim());
  }
  return values;
}

/** The kernel's name, as far as the path of the executable tells it. */
const nameOf = (command: string): string => command.slice(command.lastIndexOf("/") + 1).slice(0, longestName);

/** What was cut ends with dots. */
const whole = (text: string | undefined): string | undefined => text?.replace(/\.\.\.$/, "");

/** All comments of a frame, joined by line feeds; undefined when they name nobody. */
export function readPtcpdumpComment(text: string): ProcessInfo | undefined {
  if (!/(?:^|\n)PID: \d/.test(text)) return undefined;
  const values = valuesOf(text);
  const number = (name: string, most: number): number | undefined => {
    const value = values.get(name) ?? "";
    return /^\d{1,10}$/.test(value) ? wholeOf(Number(value), most) : undefined;
  };
  const [processId, parent] = [number("PID", mostPid), number("ParentPID", mostPid)];
  const command = textOf(whole(values.get("Cmd")));
  if (processId === undefined || processId === 0 || command === undefined) return undefined;
  const words = textOf(whole(values.get("Args")));
  const parentName = nameOf(whole(values.get("ParentCmd")) ?? "");
  const [user, group] = [number("UserId", mostId), number("GroupId", mostId)];
  const [container, containerName] = [textOf(values.get("ContainerId")), textOf(values.get("ContainerName"))];
  return {
    pid: pid(processId),
    start: epochMillis(0),
    name: nameOf(command),
    ...(command.startsWith("/") && { executable: command }),
    // The words of a command line are joined by spaces.
    ...(words !== undefined && words !== "" && { commandLine: words.split(" ") }),
    ...(parent !== undefined && { parent: { pid: pid(parent), name: parentName } }),
    ...(user !== undefined && { user: { id: user } }),
    ...(group !== undefined && { groupId: group }),
    ...(container !== undefined &&
      container !== "" && {
        container: { id: container, runtime: "container", ...(containerName && { name: containerName }) },
      }),
  };
}
