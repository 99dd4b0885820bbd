/**
 * Landlock (landlock(7)): what the process may open from here on. Applied to one thread before it executes the
 * engine, so that every thread of the engine inherits it.
 */
import { closeSync, constants, openSync, statSync } from "node:fs";
import { landlockAddPathRule, landlockCreateRuleset, landlockRestrictSelf } from "./system-calls.ts";

/** File system rights of include/uapi/linux/landlock.h. */
const EXECUTE = 1 << 0;
const WRITE_FILE = 1 << 1;
const READ_FILE = 1 << 2;
const READ_DIR = 1 << 3;
const IOCTL_DEV = 1 << 15;
/** TCP bind and connect. */
const ALL_NET = 3;
/** Abstract Unix sockets and signals to processes outside. */
const ALL_SCOPES = 3;

/** Rights that each ABI version added to the file system set: versions 1, 2 (refer), 3 (truncate), 5 (ioctl). */
function fileSystemRights(abi: number): number {
  return 0x1fff | (abi >= 2 ? 1 << 13 : 0) | (abi >= 3 ? 1 << 14 : 0) | (abi >= 5 ? IOCTL_DEV : 0);
}

export interface SandboxPaths {
  /** May be read and executed, with everything below. */
  readonly readable: readonly string[];
  /** May be read and written: terminals, /dev/null. */
  readonly writable: readonly string[];
}

/** The Landlock ABI version of this kernel; 0 when it has none or it is switched off. */
export function landlockVersion(): number {
  return Math.max(0, landlockCreateRuleset(null, 1));
}

/** Adds one rule; a path that does not exist grants nothing, which is what its absence means. */
function allow(ruleset: number, path: string, rights: number): number {
  let fd: number;
  let directory: boolean;
  try {
    directory = statSync(path).isDirectory();
    // O_PATH: the right to name the file, not to read it.
    fd = openSync(path, 0o10000000 | (directory ? constants.O_DIRECTORY : 0));
  } catch {
    return 0;
  }
  const attribute = new DataView(new ArrayBuffer(12));
  const applicable = directory ? rights : rights & ~READ_DIR;
  attribute.setUint32(0, applicable, true);
  attribute.setInt32(8, fd, true);
  const result = landlockAddPathRule(ruleset, new Uint8Array(attribute.buffer));
  closeSync(fd);
  return result;
}

/**
 * Restricts the calling thread and what it starts. Needs no_new_privs or CAP_SYS_ADMIN. Returns the ABI version that
 * was applied (0: the kernel has no Landlock) or the text of what failed.
 */
export function restrictWithLandlock(paths: SandboxPaths): number | string {
  const abi = landlockVersion();
  if (abi === 0) return 0;
  const handled = fileSystemRights(abi);
  const attribute = new DataView(new ArrayBuffer(abi >= 6 ? 24 : abi >= 4 ? 16 : 8));
  attribute.setUint32(0, handled, true);
  if (abi >= 4) attribute.setUint32(8, ALL_NET, true);
  if (abi >= 6) attribute.setUint32(16, ALL_SCOPES, true);
  const ruleset = landlockCreateRuleset(new Uint8Array(attribute.buffer), 0);
  if (ruleset < 0) return `landlock_create_ruleset: errno ${-ruleset}`;
  const terminal = (WRITE_FILE | READ_FILE | IOCTL_DEV) & handled;
  for (const path of paths.readable) {
    const result = allow(ruleset, path, READ_FILE | READ_DIR | EXECUTE);
    if (result < 0) return `landlock_add_rule ${path}: errno ${-result}`;
  }
  for (const path of paths.writable) {
    const result = allow(ruleset, path, terminal);
    if (result < 0) return `landlock_add_rule ${path}: errno ${-result}`;
  }
  const result = landlockRestrictSelf(ruleset);
  closeSync(ruleset);
  return result < 0 ? `landlock_restrict_self: errno ${-result}` : abi;
}
