/**
 * Giving privileges up for good, and checking that they are gone. Everything here is about the calling process; see
 * credentials(7), capabilities(7) and DESIGN section 3.
 */
import { readFileSync, readdirSync } from "node:fs";
import { capset, prctl, setgroups, setresgid, setresuid } from "./system-calls.ts";

export const capabilityNumbers = {
  dac_override: 1,
  dac_read_search: 2,
  setgid: 6,
  setuid: 7,
  net_admin: 12,
  net_raw: 13,
  sys_ptrace: 19,
  sys_admin: 21,
  perfmon: 38,
  bpf: 39,
} as const;

export type CapabilityName = keyof typeof capabilityNumbers;

const bit = (name: CapabilityName): bigint => 1n << BigInt(capabilityNumbers[name]);

/** True if `mask` (as in CapEff) holds the capability. */
export const hasCapability = (mask: bigint, name: CapabilityName): boolean => (mask & bit(name)) !== 0n;

/** Whom the engine becomes. */
export interface DropTarget {
  readonly uid: number;
  readonly gid: number;
  /** Started as root: supplementary groups are dropped too, which only root may. */
  readonly fromRoot: boolean;
}

/** The id of `nobody`: owns no file, by convention on every Linux distribution. */
export const NOBODY = 65534;

function parseId(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  // 2^32 - 1 means "leave as it is" to setresuid(2).
  return id > 0 && id < 0xffff_ffff ? id : undefined;
}

/** Who called sudo, as it says itself; undefined when nobody did, or root. A group that is root's or missing is nobody's. */
export function sudoCaller(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly uid: number; readonly gid: number } | undefined {
  const uid = parseId(environment["SUDO_UID"]);
  return uid === undefined ? undefined : { uid, gid: parseId(environment["SUDO_GID"]) ?? NOBODY };
}

/** Root becomes the user that called sudo, else nobody; anybody else stays who they are. */
export function dropTarget(
  uid: number,
  gid: number,
  environment: Readonly<Record<string, string | undefined>>,
): DropTarget {
  if (uid !== 0) return { uid, gid, fromRoot: false };
  return { ...(sudoCaller(environment) ?? { uid: NOBODY, gid: NOBODY }), fromRoot: true };
}

const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAPBSET_DROP = 24;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;

/**
 * What root keeps between entering the engine and dropping: to change ids, and to read a home that only root may
 * (containers give root DAC_OVERRIDE but not DAC_READ_SEARCH).
 */
function keptUntilDrop(permitted: bigint): bigint {
  const reading = hasCapability(permitted, "dac_read_search") ? bit("dac_read_search") : bit("dac_override");
  return (bit("setuid") | bit("setgid") | reading) & permitted;
}

/**
 * First half, in the thread that executes the engine: no_new_privs, empty ambient and inheritable sets, and as root a
 * bounding set that holds only what the drop itself needs; as another user no capability at all. Text: what failed.
 */
export function prepareDrop(target: DropTarget): string | undefined {
  const nnp = prctl(PR_SET_NO_NEW_PRIVS, 1);
  if (nnp < 0) return `no_new_privs: errno ${-nnp}`;
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
  const { permitted } = parseSecurityStatus(readFileSync("/proc/self/status", "latin1"));
  const kept = target.fromRoot ? keptUntilDrop(permitted) : 0n;
  // Without CAP_SETPCAP the bounding set stays; no_new_privs and the empty sets then carry the guarantee alone.
  for (let capability = 0; capability < 64; capability++) {
    if ((kept & (1n << BigInt(capability))) === 0n) prctl(PR_CAPBSET_DROP, capability);
  }
  const result = capset(kept, kept, 0n);
  return result < 0 ? `capset: errno ${-result}` : undefined;
}

/** Second half, once every module is loaded: the ids, over all threads. Text: what failed. */
export function dropIdentity(target: DropTarget): string | undefined {
  if (target.fromRoot) {
    const groups = setgroups(new Uint32Array(0));
    if (groups < 0) return `setgroups: errno ${-groups} (CAP_SETGID)`;
  }
  const gid = setresgid(target.gid);
  if (gid < 0) return `setresgid ${target.gid}: errno ${-gid} (CAP_SETGID)`;
  const uid = setresuid(target.uid);
  return uid < 0 ? `setresuid ${target.uid}: errno ${-uid} (CAP_SETUID)` : undefined;
}

/** The security part of /proc/PID/status, capability sets as masks. */
export interface SecurityStatus {
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly ambient: bigint;
  readonly bounding: bigint;
  readonly noNewPrivileges: boolean;
}

/** Parses /proc/PID/status or /proc/PID/task/TID/status; lines that are absent count as the worst case. */
export function parseSecurityStatus(text: string): SecurityStatus {
  const line = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(text)?.[1];
  const numbers = (name: string): number[] => (line(name)?.match(/[0-9]+/g) ?? []).map(Number);
  const mask = (name: string): bigint => {
    const value = line(name)?.trim();
    return value !== undefined && /^[0-9a-f]{1,16}$/.test(value) ? BigInt(`0x${value}`) : 0xffff_ffff_ffff_ffffn;
  };
  return {
    uids: numbers("Uid"),
    gids: numbers("Gid"),
    groups: numbers("Groups"),
    effective: mask("CapEff"),
    permitted: mask("CapPrm"),
    inheritable: mask("CapInh"),
    ambient: mask("CapAmb"),
    bounding: mask("CapBnd"),
    noNewPrivileges: line("NoNewPrivs")?.trim() === "1",
  };
}

/** The calling process's own effective capabilities. */
export function effectiveCapabilities(): bigint {
  return parseSecurityStatus(readFileSync("/proc/self/status", "latin1")).effective;
}

/** What is still wrong with one thread after the drop; undefined when nothing is. */
function unprivilegedProblem(status: SecurityStatus, target: DropTarget): string | undefined {
  const allAre = (ids: readonly number[], id: number): boolean => ids.length === 4 && ids.every((each) => each === id);
  if (!allAre(status.uids, target.uid)) return `uid is ${status.uids.join(" ")}, not ${target.uid}`;
  if (!allAre(status.gids, target.gid)) return `gid is ${status.gids.join(" ")}, not ${target.gid}`;
  if (target.fromRoot && status.groups.length > 0) return `groups are ${status.groups.join(" ")}`;
  const sets = status.effective | status.permitted | status.inheritable | status.ambient;
  if (sets !== 0n) return `capabilities left: ${sets.toString(16)}`;
  return status.noNewPrivileges ? undefined : "no_new_privs is not set";
}

/** Checks every thread of this process; the text of the first thing that is still privileged, else undefined. */
export function verifyDropped(target: DropTarget): string | undefined {
  for (const thread of readdirSync("/proc/self/task")) {
    const status = parseSecurityStatus(readFileSync(`/proc/self/task/${thread}/status`, "latin1"));
    const problem = unprivilegedProblem(status, target);
    if (problem !== undefined) return `thread ${thread}: ${problem}`;
  }
  return undefined;
}
