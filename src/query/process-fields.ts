import type { Connection, ProcessInfo } from "../model/index.ts";
import { type Field, unknownNumber } from "./field.ts";

const commandLines = new WeakMap<readonly string[], string>();
const programs = new WeakMap<ProcessInfo, string>();

/** The command line as one text; joined once per process. */
export function commandLine(connection: Connection): string | undefined {
  const parts = connection.process?.commandLine;
  if (parts === undefined) return undefined;
  let text = commandLines.get(parts);
  if (text === undefined) {
    text = parts.join(" ");
    commandLines.set(parts, text);
  }
  return text;
}

/** Last part of the executable's path: the kernel's own name of a process ends after 15 bytes. */
export function program(connection: Connection): string | undefined {
  const process = connection.process;
  if (process?.executable === undefined) return undefined;
  let text = programs.get(process);
  if (text === undefined) {
    text = process.executable.slice(process.executable.lastIndexOf("/") + 1);
    programs.set(process, text);
  }
  return text;
}

/** Whose it is may still be found out. */
export const isOwnerKnown = ({ process }: Connection): boolean => process !== undefined;

const ownerFields: readonly Field[] = [
  {
    kind: "text",
    name: "process",
    aliases: ["proc"],
    summary: "process is named",
    example: "process:firefox",
    texts: [(c) => c.process?.name, program],
  },
  {
    kind: "number",
    name: "pid",
    aliases: [],
    summary: "process id is",
    example: "pid:1234",
    unit: "count",
    numbers: [(c) => c.process?.pid ?? unknownNumber],
  },
  {
    kind: "number",
    name: "started",
    aliases: [],
    summary: "process started at (milliseconds since 1970)",
    example: "pid:1234 started:1772362800000",
    unit: "count",
    numbers: [(c) => (c.process === undefined || c.process.start <= 0 ? unknownNumber : Math.floor(c.process.start))],
  },
  {
    kind: "number",
    name: "user",
    aliases: ["uid"],
    summary: "user is",
    example: "user:root",
    unit: "count",
    numbers: [(c) => c.process?.user?.id ?? unknownNumber],
    texts: [(c) => c.process?.user?.name],
  },
  {
    kind: "text",
    name: "exe",
    aliases: ["executable"],
    summary: "executable is",
    example: "exe:/usr/bin/curl",
    texts: [(c) => c.process?.executable],
  },
  {
    kind: "text",
    name: "cmd",
    aliases: ["cmdline", "command"],
    summary: "command line contains",
    example: 'cmd:"--profile work"',
    texts: [commandLine],
  },
  {
    kind: "number",
    name: "parent",
    aliases: ["ppid"],
    summary: "parent process is",
    example: "parent:bash",
    unit: "count",
    numbers: [(c) => c.process?.parent?.pid ?? unknownNumber],
    texts: [(c) => c.process?.parent?.name],
  },
  {
    kind: "text",
    name: "unit",
    aliases: [],
    summary: "systemd unit is",
    example: "unit:nginx.service",
    texts: [(c) => c.process?.service],
  },
  {
    kind: "text",
    name: "container",
    aliases: ["cont"],
    summary: "container is",
    example: "container:web",
    texts: [(c) => c.process?.container?.name, (c) => c.process?.container?.id, (c) => c.process?.container?.runtime],
  },
  {
    kind: "text",
    name: "pod",
    aliases: [],
    summary: "pod (as the container's name or control group tells) is",
    example: "pod:frontend",
    texts: [(c) => c.process?.container?.name, podPath],
  },
  {
    kind: "number",
    name: "ns",
    aliases: ["namespace"],
    summary: "network namespace (its number), or Kubernetes namespace as the container's name tells, is",
    example: "ns:kube-system",
    unit: "count",
    numbers: [(c) => (c.networkNamespace === 0 ? unknownNumber : c.networkNamespace)],
    texts: [(c) => c.process?.container?.name],
  },
];

/** Fields of the owner. */
export const processFields: readonly Field[] = ownerFields.map((field) => ({ ...field, isKnown: isOwnerKnown }));

/** The control group's path where Kubernetes made it. */
function podPath(connection: Connection): string | undefined {
  const path = connection.process?.cgroupPath;
  return path !== undefined && path.includes("kubepods") ? path : undefined;
}
