/** Facts of processes from /proc, for those that were there before the process events began. proc(5). */
import { readFileSync, statSync } from "node:fs";
import { asciiText, utf8Text } from "../../bytes/index.ts";
import { epochMillis, pid as toPid } from "../../model/index.ts";
import type { EpochMillis, Pid, ProcessInfo, ProcessSource } from "../../model/index.ts";
import { containerOf, parseCgroupFile, unitOf } from "./cgroup-path.ts";
import { parseCommandLine, readBounded } from "./process-access.ts";
import { clockMillis } from "./system-calls.ts";

/** USER_HZ: what /proc counts in on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** What is used of /proc/PID/stat. */
export interface StatRecord {
  readonly name: string;
  readonly parent: number;
  /** Clock ticks after boot. */
  readonly start: number;
}

/**
 * Parses /proc/PID/stat. The name stands between the first "(" and the last ")", and may hold both, spaces and line
 * ends; fields 3 and on follow. Undefined when a field is missing.
 */
export function parseStat(bytes: Uint8Array): StatRecord | undefined {
  const open = bytes.indexOf(0x28);
  const close = bytes.lastIndexOf(0x29);
  if (open < 0 || close < open) return undefined;
  const fields = asciiText(bytes, close + 2, bytes.length, 1024).split(" ");
  const parent = fields[1];
  const start = fields[19];
  if (parent === undefined || start === undefined) return undefined;
  if (!/^[0-9]{1,10}$/.test(parent) || !/^[0-9]{1,16}$/.test(start)) return undefined;
  return { name: utf8Text(bytes, open + 1, close, 64), parent: Number(parent), start: Number(start) };
}

/** Real user and group id of /proc/PID/status, undefined where absent. */
export function parseStatusIds(text: string): { uid: number | undefined; gid: number | undefined } {
  const uid = /^Uid:\t([0-9]{1,10})\t/m.exec(text)?.[1];
  const gid = /^Gid:\t([0-9]{1,10})\t/m.exec(text)?.[1];
  return { uid: uid === undefined ? undefined : Number(uid), gid: gid === undefined ? undefined : Number(gid) };
}

/** Names of users by id, of the text of /etc/passwd (passwd(5)); the first entry of an id wins. */
export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name, , id] = line.split(":", 3);
    if (name === undefined || name === "" || id === undefined || !/^[0-9]{1,10}$/.test(id)) continue;
    const uid = Number(id);
    if (!names.has(uid) && names.size < 100_000) names.set(uid, name);
  }
  return names;
}

/** Milliseconds between looks at the modification time of /etc/passwd. */
const USERS_INTERVAL = 10_000;
const LARGEST_PASSWD = 16 << 20;

/** User names, read again when /etc/passwd changed. */
export class UserNames {
  readonly #path: string;
  #names = new Map<number, string>();
  #modified = -1;
  #nextLook = 0;

  constructor(path = "/etc/passwd") {
    this.#path = path;
  }

  nameOf(uid: number): string | undefined {
    const now = performance.now();
    if (now >= this.#nextLook) {
      this.#nextLook = now + USERS_INTERVAL;
      this.#refresh();
    }
    return this.#names.get(uid);
  }

  #refresh(): void {
    try {
      const { mtimeMs, size } = statSync(this.#path);
      if (mtimeMs === this.#modified || size > LARGEST_PASSWD) return;
      this.#modified = mtimeMs;
      this.#names = parsePasswd(readFileSync(this.#path, "utf8"));
    } catch {
      // No user database: ids stay ids.
    }
  }
}

/** Facts that only a process with more rights can read; see the broker's requests. */
export interface RestrictedFacts {
  readonly executable?: string;
  readonly commandLine?: readonly string[];
  readonly directory?: string;
}

export interface LinuxProcessesOptions {
  /** Asks the broker; absent: the process reads what it may itself. */
  readonly restricted?: (pid: number) => RestrictedFacts | undefined;
}

export class LinuxProcesses implements ProcessSource {
  readonly #users = new UserNames();
  readonly #restricted: ((pid: number) => RestrictedFacts | undefined) | undefined;
  readonly #buffer = new Uint8Array(16_384);
  /** Wall clock time at boot: what field 22 of stat counts from. */
  readonly #boot = clockMillis(0) - clockMillis(7);

  constructor(options: LinuxProcessesOptions = {}) {
    this.#restricted = options.restricted;
    // Reads the user names while the process still may.
    this.#users.nameOf(0);
  }

  userName(id: number): string | undefined {
    return this.#users.nameOf(id);
  }

  lookup(pid: Pid, known?: ProcessInfo): ProcessInfo | undefined {
    const stat = this.#stat(pid);
    if (stat === undefined) return undefined;
    const parent = stat.parent > 0 ? this.#stat(stat.parent) : undefined;
    const { uid, gid } = parseStatusIds(this.#text(`/proc/${pid}/status`));
    const cgroupPath = parseCgroupFile(this.#text(`/proc/${pid}/cgroup`));
    const commandLine = this.#commandLine(pid);
    const asked = known?.executable === undefined ? this.#restricted?.(pid) : undefined;
    // Asked about a moment later: the pid may be another process by now.
    const { executable, directory } = asked !== undefined && this.#stat(pid)?.start === stat.start ? asked : {};
    const container = cgroupPath === undefined ? undefined : containerOf(cgroupPath);
    const service = cgroupPath === undefined ? undefined : unitOf(cgroupPath);
    const userName = uid === undefined ? undefined : this.#users.nameOf(uid);
    return {
      pid,
      start: this.#startTime(stat),
      name: stat.name,
      ...(executable === undefined ? {} : { executable }),
      ...(commandLine === undefined ? {} : { commandLine }),
      ...(directory === undefined ? {} : { workingDirectory: directory }),
      ...(parent === undefined ? {} : { parent: { pid: toPid(stat.parent), name: parent.name } }),
      ...(uid === undefined ? {} : { user: { id: uid, ...(userName === undefined ? {} : { name: userName }) } }),
      ...(gid === undefined ? {} : { groupId: gid }),
      ...(cgroupPath === undefined ? {} : { cgroupPath }),
      ...(container === undefined ? {} : { container }),
      ...(service === undefined ? {} : { service }),
    };
  }

  #startTime(stat: StatRecord): EpochMillis {
    return epochMillis(this.#boot + (stat.start * 1000) / TICKS_PER_SECOND);
  }

  #stat(pid: number): StatRecord | undefined {
    const length = readBounded(`/proc/${pid}/stat`, this.#buffer);
    return length === undefined ? undefined : parseStat(this.#buffer.subarray(0, length));
  }

  #text(path: string): string {
    const length = readBounded(path, this.#buffer);
    return length === undefined ? "" : utf8Text(this.#buffer, 0, length);
  }

  #commandLine(pid: number): readonly string[] | undefined {
    const length = readBounded(`/proc/${pid}/cmdline`, this.#buffer);
    return length === undefined || length === 0
      ? undefined
      : parseCommandLine(this.#buffer.subarray(0, Math.min(length, 4096)));
  }
}
