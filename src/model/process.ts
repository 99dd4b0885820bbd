import type { CgroupId, EpochMillis, Pid } from "./units.ts";

/** A process is known by its pid and its start: a pid alone is reused. */
export interface ProcessIdentity {
  readonly pid: Pid;
  /** When the process was forked; 0 when not known. */
  readonly start: EpochMillis;
}

/** The container a process lives in, as far as its cgroup names one. */
export interface Container {
  readonly id: string;
  readonly runtime: string;
  readonly name?: string;
}

/** A process that another one descends from. */
export interface ProcessAncestor {
  readonly pid: Pid;
  readonly name: string;
}

/** What is known of a process; fields that nobody could tell are absent. */
export interface ProcessInfo extends ProcessIdentity {
  /** The kernel's `comm`, at most 15 bytes; hostile text, escape before printing. */
  readonly name: string;
  /** Absolute path of the executable in the process's own mount namespace. */
  readonly executable?: string;
  readonly commandLine?: readonly string[];
  /** Where it was when the host was asked; it may have gone elsewhere since. */
  readonly workingDirectory?: string;
  readonly parent?: { readonly pid: Pid; readonly name: string };
  /** Parent, its parent and so on, nearest first, as a recording tells them; live, the process table knows them. */
  readonly ancestors?: readonly ProcessAncestor[];
  readonly user?: { readonly id: number; readonly name?: string };
  readonly groupId?: number;
  readonly cgroupId?: CgroupId;
  readonly cgroupPath?: string;
  readonly container?: Container;
  /** systemd unit, when the cgroup path names one. */
  readonly service?: string;
  readonly exit?: EpochMillis;
}

/**
 * How the owner of a connection is known, best first.
 * `socket`: stamped in the kernel by the process that created, connected or used the socket.
 * `iterator`: found in the process's file table by a BPF iterator.
 * `procfs`: found by walking /proc; may be late. `none`: nobody knows.
 */
export type Attribution = "socket" | "iterator" | "procfs" | "none";
