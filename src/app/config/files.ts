/**
 * Where configuration and state are, and how they are read and written. The files are those of the invoking user: under
 * sudo the caller's, found by /etc/passwd and touched with the caller's rights alone, so that no link of theirs leads
 * anywhere they could not go themselves.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { escapeControls } from "../../bytes/index.ts";
import { errorCode, readingProblem } from "../../host/linux/file-problems.ts";
import { asUser, invokingUser, type InvokingUser } from "../broker/invoking-user.ts";
import { configurationLimit, stateLimit } from "./limits.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A base directory of the XDG specification; the environment's counts only for who it was made for. */
function baseDirectory(
  user: InvokingUser,
  environment: Environment,
  variable: string,
  standard: string,
): string | undefined {
  const own = user.uid === (process.getuid?.() ?? 0) ? environment[variable] : undefined;
  // Relative paths are to be ignored.
  if (own?.startsWith("/") === true) return own;
  return user.home === undefined ? undefined : join(user.home, standard);
}

function absolute(path: string): string {
  try {
    return resolve(path);
  } catch {
    // The working directory was removed: nothing is found from there.
    return path;
  }
}

/** The configuration file: `given` (--config), SOCKLENS_CONFIG, or the usual place. Undefined: there is no home. */
export function configurationPath(
  user: InvokingUser,
  environment: Environment,
  given: string | undefined,
): string | undefined {
  const named = given ?? (environment["SOCKLENS_CONFIG"] === "" ? undefined : environment["SOCKLENS_CONFIG"]);
  if (named !== undefined) return absolute(named);
  const base = baseDirectory(user, environment, "XDG_CONFIG_HOME", ".config");
  return base === undefined ? undefined : join(base, "socklens", "config.toml");
}

export function statePath(user: InvokingUser, environment: Environment): string | undefined {
  const base = baseDirectory(user, environment, "XDG_STATE_HOME", ".local/state");
  return base === undefined ? undefined : join(base, "socklens", "screen.json");
}

export type OpenedFile = { readonly descriptor: number } | { readonly absent: true } | { readonly problem: string };

const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;

/** True where whoever runs this has more rights than a person: then a file that others can change is not believed. */
const isPrivileged = (): boolean => process.geteuid?.() === 0;

/** Opens a file with the user's rights for reading: a plain file, no longer than `limit`, that nobody else can change. */
export function openUserFile(user: InvokingUser, path: string, limit: number): OpenedFile {
  let descriptor: number;
  try {
    // A FIFO must not hold the start up, a terminal must not become ours.
    descriptor = asUser(user, () => openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error))) return { absent: true };
    return { problem: `cannot read ${escapeControls(path)}: ${readingProblem(error)}` };
  }
  const facts = fstatSync(descriptor);
  const wrong = !facts.isFile()
    ? "it is not a plain file"
    : facts.size > limit
      ? `it has ${facts.size} bytes, at most ${limit} are read`
      : isPrivileged() && (facts.mode & 0o022) !== 0
        ? `others can change it: chmod go-w ${escapeControls(path)}`
        : isPrivileged() && facts.uid !== 0 && facts.uid !== user.uid
          ? "it belongs to somebody else"
          : undefined;
  if (wrong === undefined) return { descriptor };
  closeSync(descriptor);
  return { problem: `cannot use ${escapeControls(path)}: ${wrong}` };
}

/** What the broker opens for the screen. */
export interface ScreenFiles {
  readonly configuration?: { readonly descriptor: number; readonly path: string };
  /** The state of an earlier run. */
  readonly state?: number;
  /** Where the state of this run goes. */
  readonly statePath?: string;
}

/** Opens configuration and state. A configuration that is named must be there; a state that cannot be read is none. */
export function openScreenFiles(given: string | undefined): ScreenFiles | { readonly problem: string } {
  const user = invokingUser();
  const path = configurationPath(user, process.env, given);
  const opened = path === undefined ? undefined : openUserFile(user, path, configurationLimit);
  if (opened !== undefined && "problem" in opened) return opened;
  const named = given ?? process.env["SOCKLENS_CONFIG"] ?? "";
  if (named !== "" && opened !== undefined && "absent" in opened)
    return { problem: `there is no file ${escapeControls(named)}` };
  const place = statePath(user, process.env);
  const state = place === undefined ? undefined : openUserFile(user, place, stateLimit);
  return {
    ...(path !== undefined && opened !== undefined && "descriptor" in opened
      ? { configuration: { descriptor: opened.descriptor, path } }
      : {}),
    ...(state !== undefined && "descriptor" in state ? { state: state.descriptor } : {}),
    ...(place === undefined ? {} : { statePath: place }),
  };
}

/** The text of an opened file, and closes it; undefined when it is no UTF-8 or has grown beyond `limit`. */
export function readDescriptor(descriptor: number, limit: number): string | undefined {
  const bytes = new Uint8Array(limit + 1);
  try {
    let length = 0;
    while (length <= limit) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, length);
      if (count === 0) break;
      length += count;
    }
    if (length > limit) return undefined;
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length));
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** The text of the file at `path`. */
export function readUserFile(
  user: InvokingUser,
  path: string,
): { readonly text: string } | { readonly absent: true } | { readonly problem: string } {
  const opened = openUserFile(user, path, configurationLimit);
  if (!("descriptor" in opened)) return opened;
  const text = readDescriptor(opened.descriptor, configurationLimit);
  return text === undefined ? { problem: `cannot use ${escapeControls(path)}: it is not a text in UTF-8` } : { text };
}

/** Puts `text` in the place of the state file, with the user's rights. Whether it worked; nothing is lost but comfort. */
export function writeState(user: InvokingUser, path: string, text: string): boolean {
  if (Buffer.byteLength(text) > stateLimit) return false;
  const temporary = `${path}.${process.pid}.part`;
  try {
    return asUser(user, () => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      try {
        writeFileSync(temporary, text, { flag: "wx", mode: 0o600 });
        renameSync(temporary, path);
      } catch (error) {
        unlinkSync(temporary);
        throw error;
      }
      return true;
    });
  } catch {
    return false;
  }
}
