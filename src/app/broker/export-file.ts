/**
 * Files that the sandboxed engine has written for it. The broker creates them with the rights of the invoking user, and
 * narrows what an engine that was taken over could do with that: only names that end in .json, .csv or .txt, only in
 * the user's home, the directory the program was started in (for root nothing below that) and /tmp, nothing hidden, no link followed, mode 0600, and
 * nothing replaced that is not the user's own plain file.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { errorCode, writingProblem } from "../../host/linux/file-problems.ts";
import { asUser, type InvokingUser } from "./invoking-user.ts";
import { inside } from "./open-directory.ts";

const endings = /\.(?:json|csv|txt)$/i;
const longestPath = 1024;
const mostBytes = 1024 ** 3;
/** Files of one run: a person writes a few. */
const mostFiles = 1000;

export interface ExportFailure {
  /** One line, what to do included. */
  readonly problem: string;
  /** There is such a file, and it was not to be replaced. */
  readonly exists?: boolean;
}

interface OpenFile {
  readonly descriptor: number;
  /** Descriptor of the directory: its path may come to mean another one. */
  readonly directory: number;
  readonly name: string;
  /** What is written to until the end; other than `name` when that is replaced. */
  readonly temporary: string;
  readonly path: string;
  bytes: number;
}

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

function failure(path: string, error: unknown): ExportFailure {
  const exists = errorCode(error) === "EEXIST";
  const reason = exists ? "there is such a file" : writingProblem(error);
  const problem = `cannot write ${path}: ${reason}`;
  return exists ? { problem, exists } : { problem };
}

export class ExportFiles {
  readonly #user: InvokingUser;
  readonly #start: string | undefined;
  /** Directories whose files may be written, and those where this goes for what is below them, too. */
  readonly #places: readonly string[];
  readonly #roots: readonly string[];
  #open: OpenFile | undefined;
  #count = 0;

  /** `start`: the directory that relative names are meant from; undefined: it was removed. */
  constructor(user: InvokingUser, start: string | undefined) {
    this.#user = user;
    this.#start = start;
    this.#places = [user.home, start].filter((one) => one !== undefined);
    // Below "/" or /etc, root's files are the system's.
    const trees = user.uid === 0 ? this.#places.filter((one) => one === user.home) : this.#places;
    this.#roots = ["/tmp", ...trees].filter((one) => one !== "/");
  }

  /** Begins a file; an unfinished one is given up. The answer holds the path in full. */
  create(text: string, overwrite: boolean): { readonly path: string } | ExportFailure {
    this.abandon();
    const { home } = this.#user;
    if (/^~(?:\/|$)/.test(text) && home === undefined)
      return { problem: "you have no home directory: give a path without ~" };
    const named = text.replace(/^~(?=\/|$)/, home ?? "");
    if (this.#start === undefined && !named.startsWith("/"))
      return { problem: "the directory you started in is gone: give the path in full" };
    const path = resolve(this.#start ?? "/", named);
    const wrong = this.#refusal(path);
    if (wrong !== undefined) return { problem: wrong };
    if (++this.#count > mostFiles) return { problem: `${mostFiles} files were written in this run: that is the most` };
    try {
      return asUser(this.#user, () => this.#create(path, overwrite));
    } catch (error) {
      return failure(path, error);
    }
  }

  #refusal(path: string): string | undefined {
    if (path.length > longestPath || path.includes("\0")) return "the name is too long";
    if (!endings.test(path)) return "the name must end in .json, .csv or .txt";
    if (basename(path).startsWith(".")) return "the name must not begin with a dot";
    return undefined;
  }

  /** Whether the directory, by its real path, is one that files may be written to. */
  #isAllowed(directory: string): boolean {
    if (this.#places.some((place) => directory === realPath(place))) return true;
    return this.#roots.some((root) => {
      const real = realPath(root);
      if (real === undefined || (directory !== real && !directory.startsWith(`${real}/`))) return false;
      return !directory
        .slice(real.length)
        .split("/")
        .some((part) => part.startsWith("."));
    });
  }

  #create(path: string, overwrite: boolean): { readonly path: string } | ExportFailure {
    const directory = openSync(dirname(path), O_RDONLY | O_DIRECTORY);
    try {
      if (!this.#isAllowed(readlinkSync(`/proc/self/fd/${directory}`))) {
        return {
          problem: `write to your home, the directory ${this.#user.uid === 0 ? "(not below it) " : ""}of the start or /tmp, not to hidden ones`,
        };
      }
      const name = basename(path);
      const temporary = overwrite ? `${name}.${process.pid}.part` : name;
      if (overwrite) this.#checkReplaced(directory, name);
      const descriptor = openSync(inside(directory, temporary), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      this.#open = { descriptor, directory, name, temporary, path, bytes: 0 };
      return { path };
    } finally {
      if (this.#open?.directory !== directory) closeSync(directory);
    }
  }

  /** Throws unless what stands under the name, if anything, is the user's own plain file under no other name. */
  #checkReplaced(directory: number, name: string): void {
    let descriptor: number;
    try {
      descriptor = openSync(inside(directory, name), O_RDONLY | O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return;
      throw error;
    }
    const facts = fstatSync(descriptor);
    closeSync(descriptor);
    if (!facts.isFile() || facts.uid !== this.#user.uid || facts.nlink !== 1) {
      throw Object.assign(new Error("not replaced"), { code: "it is not a plain file of yours" });
    }
  }

  /** Appends bytes to the file that was begun. */
  write(bytes: Uint8Array): ExportFailure | undefined {
    const file = this.#open;
    if (file === undefined) return { problem: "no file is open" };
    try {
      if (file.bytes + bytes.length > mostBytes)
        throw Object.assign(new Error("limit"), { code: "it would pass 1 GiB" });
      for (let sent = 0; sent < bytes.length;) sent += writeSync(file.descriptor, bytes, sent);
      file.bytes += bytes.length;
      return undefined;
    } catch (error) {
      this.abandon();
      return failure(file.path, error);
    }
  }

  /** Ends the file that was begun; only now it replaces another. */
  finish(): { readonly bytes: number } | ExportFailure {
    const file = this.#open;
    if (file === undefined) return { problem: "no file is open" };
    try {
      if (file.temporary !== file.name) {
        asUser(this.#user, () => renameSync(inside(file.directory, file.temporary), inside(file.directory, file.name)));
      }
    } catch (error) {
      this.abandon();
      return failure(file.path, error);
    }
    this.#close(file);
    return { bytes: file.bytes };
  }

  /** Removes an unfinished file. */
  abandon(): void {
    const file = this.#open;
    if (file === undefined) return;
    try {
      asUser(this.#user, () => unlinkSync(inside(file.directory, file.temporary)));
    } catch {
      // Somebody else removed it.
    }
    this.#close(file);
  }

  #close(file: OpenFile): void {
    this.#open = undefined;
    closeSync(file.descriptor);
    closeSync(file.directory);
  }
}

function realPath(path: string): string | undefined {
  try {
    const directory = openSync(path, O_RDONLY | O_DIRECTORY);
    const real = readlinkSync(`/proc/self/fd/${directory}`);
    closeSync(directory);
    return real;
  } catch {
    return undefined;
  }
}
