/**
 * Opens the files that a recording or a conversion writes, named on the command line. What is there is replaced only if
 * that was asked for, and only once all files could be opened; no link is followed.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, renameSync, unlinkSync, type Stats } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { escapeControls } from "../../bytes/index.ts";
import { sidecarPath } from "../../export/sidecar-path.ts";
import { errorCode, writingProblem } from "../../host/linux/file-problems.ts";
import { asUser, type InvokingUser } from "./invoking-user.ts";
import { inside, openDirectory } from "./open-directory.ts";

export interface RecordingFileOptions {
  /** Classic pcap has a sidecar beside each file. */
  readonly format: "pcapng" | "pcap";
  /** "-" is standard output. */
  readonly path: string;
  /** How many files take turns; 1: `path` itself. */
  readonly files: number;
  readonly overwrite: boolean;
  /** For messages: "record to" when absent. */
  readonly purpose?: string;
  /** What is replaced stays until `settleFiles`. */
  readonly replaceAtEnd?: boolean;
}

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** "trace.pcapng" as the third of twelve files: "trace-03.pcapng". */
export function recordingName(path: string, index: number, files: number): string {
  if (files === 1) return path;
  const ending = extname(path);
  const number = String(index + 1).padStart(String(files).length, "0");
  return join(dirname(path), `${basename(path, ending)}-${number}${ending}`);
}

interface NamedFile {
  readonly fd: number;
  readonly name: string;
  /** What it is called until it takes the place of another file. */
  readonly temporary?: string;
}

/** Descriptors in the order of the files, and of the files beside them. */
export interface OpenRecordingFiles {
  readonly files: readonly number[];
  readonly sidecars?: readonly number[];
  /** Where they are; absent for standard output. */
  readonly place?: { readonly directory: number; readonly named: readonly NamedFile[] };
}

/** All names of a recording: the files, then those beside them. */
function recordingNames({ path, files, format }: RecordingFileOptions): string[] {
  const names = Array.from({ length: files }, (_, index) => recordingName(path, index, files));
  return format === "pcap" ? [...names, ...names.map(sidecarPath)] : names;
}

const refused = (code: string): Error => Object.assign(new Error(code), { code });

/**
 * Makes an empty file to append to. It belongs to the user; where they may not write themselves, root does and keeps it.
 */
function make(path: string, user: InvokingUser): number {
  const create = (): number => openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    return asUser(user, create);
  } catch (error) {
    if (errorCode(error) !== "EACCES" || process.geteuid?.() !== 0) throw error;
    return create();
  }
}

function openOne(directory: number, name: string, overwrite: boolean, user: InvokingUser): NamedFile {
  if (name === "") throw refused("EISDIR");
  try {
    return { name, fd: make(inside(directory, name), user) };
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    const facts = lstatSync(inside(directory, name));
    if (facts.isSymbolicLink()) throw refused("it is a symbolic link");
    if (facts.isDirectory()) throw refused("EISDIR");
    if (!facts.isFile()) throw refused("it is not a plain file");
    if (!overwrite) throw error;
  }
  const temporary = `${name}.${process.pid}.part`;
  return { name, temporary, fd: make(inside(directory, temporary), user) };
}

function remove(directory: number, name: string): void {
  try {
    unlinkSync(inside(directory, name));
  } catch {
    // Somebody else removed it.
  }
}

function takePlace(directory: number, { fd, name, temporary }: NamedFile): NamedFile {
  if (temporary !== undefined) renameSync(inside(directory, temporary), inside(directory, name));
  return { fd, name };
}

/** The files, open and empty, or a line for the person; then all is as it was. */
export function openRecordingFiles(options: RecordingFileOptions, user: InvokingUser): OpenRecordingFiles | string {
  if (options.path === "-") return { files: [1] };
  let named: NamedFile[] = [];
  let directory: number | undefined;
  let path = options.path;
  try {
    directory = openDirectory(dirname(path));
    for (path of recordingNames(options)) {
      const name = path.endsWith("/") ? "" : basename(path);
      named.push(openOne(directory, name, options.overwrite, user));
    }
    const place = directory;
    if (options.replaceAtEnd !== true) named = named.map((file) => takePlace(place, file));
  } catch (error) {
    for (const { fd, name, temporary } of named) {
      closeSync(fd);
      remove(directory!, temporary ?? name);
    }
    if (directory !== undefined) closeSync(directory);
    const reason =
      errorCode(error) === "EEXIST" ? "it exists: give another name, or --overwrite" : writingProblem(error);
    return `cannot ${options.purpose ?? "record to"} ${escapeControls(path)}: ${reason}`;
  }
  const descriptors = named.map(({ fd }) => fd);
  const files = descriptors.slice(0, options.files);
  const sidecars = descriptors.slice(options.files);
  return { files, ...(options.format === "pcap" && { sidecars }), place: { directory, named } };
}

/** True where the name still means this file. */
function isSame(path: string, { dev, ino }: Stats): boolean {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  return facts?.dev === dev && facts.ino === ino;
}

/**
 * At the end: removes files that were never begun (of a ring, or when nothing could begin), and has the others take the
 * place of those that they replace, if whoever wrote them ended by itself. A text says what could not be replaced.
 */
export function settleFiles({ place }: OpenRecordingFiles, ended: boolean): string | undefined {
  if (place === undefined) return undefined;
  const { directory, named } = place;
  const files = named.map((file) => ({ ...file, facts: fstatSync(file.fd) }));
  const isWritten = ended && files.some(({ facts }) => facts.size > 0);
  let problem: string | undefined;
  for (const file of files) {
    const { name, temporary, facts } = file;
    if (temporary !== undefined && isWritten && facts.size > 0) {
      try {
        takePlace(directory, file);
      } catch (error) {
        problem = `cannot replace ${escapeControls(name)}: ${writingProblem(error)}; what was written is in ${escapeControls(temporary)}`;
      }
    } else if (temporary !== undefined) {
      remove(directory, temporary);
      // The sidecar of what is replaced would tell other flows' owners.
      if (isWritten) remove(directory, name);
    } else if (facts.size === 0 && isSame(inside(directory, name), facts)) remove(directory, name);
  }
  return problem;
}
