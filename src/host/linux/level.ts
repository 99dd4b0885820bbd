/** Which level this process can reach, by what it may do, never by what the kernel calls itself. */
import type { Level, LevelReport } from "../../model/index.ts";
import { hasCapability } from "./privileges.ts";
import type { CapabilityName } from "./privileges.ts";

/** What each part of full mode needs; CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON. */
const FULL: readonly CapabilityName[] = ["bpf", "perfmon", "net_admin", "net_raw"];

/** The capabilities of full mode that `mask` lacks, as "CAP_BPF". */
export function missingForFull(mask: bigint): string[] {
  const admin = hasCapability(mask, "sys_admin");
  const has = (name: CapabilityName): boolean =>
    hasCapability(mask, name) || (admin && (name === "bpf" || name === "perfmon"));
  return FULL.filter((name) => !has(name)).map((name) => `CAP_${name.toUpperCase()}`);
}

/** How opening a plane went: undefined worked, a text says why it did not. */
export interface Attempts {
  readonly socketPlane: string | undefined;
  readonly wirePlane: string | undefined;
  /** Optional parts that did not open: "process events: no BTF". */
  readonly missing: readonly string[];
}

/**
 * The level after everything was tried. A socket plane without a wire plane is still full: every socket is counted, and
 * the report lists what is missing.
 */
export function decideLevel(capabilities: bigint, attempts: Attempts): LevelReport {
  const missing = [...attempts.missing];
  if (attempts.socketPlane === undefined) {
    if (attempts.wirePlane !== undefined) missing.push(`frames: ${attempts.wirePlane}`);
    return { level: "full", missing };
  }
  const level: Level = attempts.wirePlane === undefined ? "capture" : "unprivileged";
  const lacking = missingForFull(capabilities);
  const reason = lacking.length > 0 ? `without ${lacking.join(", ")}` : attempts.socketPlane;
  // What to do stands first: a narrow screen cuts the end.
  return { level, reason: `run socklens doctor; ${reason}`, missing };
}
