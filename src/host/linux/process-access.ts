/** What /proc tells only those who may inspect a process: its open files, executable and directory. */
import { closeSync, openSync, readSync, readdirSync, readlinkSync } from "node:fs";

const PID = /^[1-9][0-9]{0,9}$/;
const SOCKET = /^socket:\[([0-9]{1,16})\]$/;

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Target of a symbolic link, at most 4,096 characters; undefined when there is none or it may not be read. */
function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path).slice(0, 4096);
  } catch {
    return undefined;
  }
}

/**
 * Finds which processes hold the sockets: [inode, pid] pairs, the process with the lowest pid for each, in no
 * particular order. Walks every file table that may be read until all are found.
 */
export function findSocketOwners(inodes: Iterable<number>): [inode: number, pid: number][] {
  const wanted = new Set(inodes);
  const found: [number, number][] = [];
  if (wanted.size === 0) return found;
  for (const pid of list("/proc")) {
    if (!PID.test(pid)) continue;
    for (const fd of list(`/proc/${pid}/fd`)) {
      const match = SOCKET.exec(readLink(`/proc/${pid}/fd/${fd}`) ?? "");
      const inode = Number(match?.[1] ?? 0);
      if (!wanted.delete(inode)) continue;
      found.push([inode, Number(pid)]);
      if (wanted.size === 0) return found;
    }
  }
  return found;
}

/** Reads the beginning of a file of /proc into `buffer` and returns the number of bytes; undefined when it is gone or may not be read. */
export function readBounded(path: string, buffer: Uint8Array): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    return readSync(fd, buffer, 0, buffer.length, 0);
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/**
 * Arguments of /proc/PID/cmdline: ended by zero bytes; at most 64 of them. A program that wrote its title over them leaves
 * zeros behind it, which are no arguments (two at the end may be: of an argument that is empty).
 */
export function parseCommandLine(bytes: Uint8Array): string[] {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  if (bytes.length - end < 3) end = bytes.length;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString("utf8");
  const parts = text.split("\0", 65);
  if (parts.length > 64) parts.length = 64;
  else if (parts.at(-1) === "") parts.pop();
  return parts;
}

const buffer = new Uint8Array(4096);

/** Executable, arguments and directory of a process, each absent where it may not be read. */
export function readProcessAccess(pid: number): { executable?: string; commandLine?: string[]; directory?: string } {
  const executable = readLink(`/proc/${pid}/exe`)?.replace(/ \(deleted\)$/, "");
  const directory = readLink(`/proc/${pid}/cwd`);
  const length = readBounded(`/proc/${pid}/cmdline`, buffer);
  return {
    ...(executable === undefined ? {} : { executable }),
    ...(length === undefined || length === 0 ? {} : { commandLine: parseCommandLine(buffer.subarray(0, length)) }),
    ...(directory === undefined ? {} : { directory }),
  };
}
