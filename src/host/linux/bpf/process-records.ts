/** Reads process records as bpf/process.h writes them. Lengths are checked: a short record gives undefined. */
import { cgroupId, epochMillis, pid, type Pid, type ProcessEvent, type ProcessInfo } from "../../../model/index.ts";
import { execRecordLayout, processLayout, processRecordLayout } from "./built/layout.ts";

const kinds = { fork: 1, exec: 2, exit: 3, rename: 4, present: 5 } as const;
/** PATH_ROOM + NAME_ROOM and ARGUMENTS_ROOM of bpf/process.h. */
const pathRoom = execRecordLayout.arguments - execRecordLayout.path;
const argumentsRoom = execRecordLayout.size - execRecordLayout.arguments;

/** What turns the kernel's clocks into milliseconds since the epoch. */
export interface ClockOffsets {
  readonly monotonic: number;
  readonly boottime: number;
}

/** Text up to the first NUL of a field. */
export function fixedText(bytes: Uint8Array, offset: number, room: number): string {
  let end = offset;
  while (end < offset + room && bytes[end] !== 0) end++;
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, end - offset).toString("utf8");
}

export function longAt(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 0x1_0000_0000 + view.getUint32(offset, true);
}

/** "curl\0bin\0usr\0" gives "/usr/bin/curl". */
function pathOf(bytes: Uint8Array, offset: number, length: number): string | undefined {
  if (length === 0 || length > pathRoom) return undefined;
  const names = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length)
    .toString("utf8")
    .split("\0");
  names.pop();
  return `/${names.toReversed().join("/")}`;
}

function argumentsOf(bytes: Uint8Array, offset: number, length: number): string[] {
  if (length === 0 || length > argumentsRoom) return [];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString("utf8");
  return (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
}

type Facts = { -readonly [Key in keyof ProcessInfo]: ProcessInfo[Key] };

function processAt(bytes: Uint8Array, view: DataView, at: number, clocks: ClockOffsets): Facts {
  const facts: Facts = {
    pid: pid(view.getUint32(at + processLayout.tgid, true)),
    start: epochMillis(longAt(view, at + processLayout.start) / 1e6 + clocks.boottime),
    name: fixedText(bytes, at + processLayout.comm, 16),
    user: { id: view.getUint32(at + processLayout.uid, true) },
    groupId: view.getUint32(at + processLayout.gid, true),
  };
  const parent = view.getUint32(at + processLayout.parent, true);
  if (parent !== 0) facts.parent = { pid: pid(parent), name: fixedText(bytes, at + processLayout.parentComm, 16) };
  const cgroup = longAt(view, at + processLayout.cgroup);
  if (cgroup !== 0) facts.cgroupId = cgroupId(cgroup);
  return facts;
}

/** One record of the ring `events`, `length` bytes at `at`. */
export function readProcessEvent(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  length: number,
  clocks: ClockOffsets,
): ProcessEvent | undefined {
  if (length < processLayout.size) return undefined;
  const time = epochMillis(longAt(view, at + processLayout.time) / 1e6 + clocks.monotonic);
  const process = processAt(bytes, view, at, clocks);
  switch (view.getUint32(at + processLayout.kind, true)) {
    case kinds.fork:
      return { kind: "fork", time, process, parentPid: pid(view.getUint32(at + processLayout.parent, true)) };
    case kinds.exit:
      return { kind: "exit", time, pid: process.pid, start: process.start };
    case kinds.rename:
      return { kind: "rename", time, pid: process.pid, name: process.name };
    case kinds.exec: {
      if (length < execRecordLayout.size) return undefined;
      const executable = pathOf(bytes, at + execRecordLayout.path, view.getUint16(at + processLayout.pathLength, true));
      if (executable !== undefined) process.executable = executable;
      const argumentsLength = view.getUint16(at + processLayout.argumentsLength, true);
      process.commandLine = argumentsOf(bytes, at + execRecordLayout.arguments, argumentsLength);
      return { kind: "exec", time, process };
    }
    default:
      return undefined;
  }
}

/** All records of the iterator over processes, by pid. A cut last record is left out. */
export function readProcesses(bytes: Uint8Array, clocks: ClockOffsets): Map<Pid, ProcessInfo> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = new Map<Pid, ProcessInfo>();
  for (let at = 0; at + processRecordLayout.size <= bytes.length; at += processRecordLayout.size) {
    const process = processAt(bytes, view, at, clocks);
    const executable = pathOf(
      bytes,
      at + processRecordLayout.path,
      view.getUint16(at + processLayout.pathLength, true),
    );
    if (executable !== undefined) process.executable = executable;
    found.set(process.pid, process);
  }
  return found;
}
