/**
 * Opens the files of a recording, named on the command line. They belong to who called sudo; nothing is replaced unless that
 * was asked for, and no link is followed.
 */
import { closeSync, constants, fchownSync, fstatSync, openSync, unlinkSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { escapeControls } from "../../bytes/index.ts";
import { sidecarPath } from "../../export/sidecar-path.ts";
import type { InvokingUser } from "./invoking-user.ts";

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
}

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_TRUNC, O_WRONLY } = constants;

const reasons: Readonly<Record<string, string>> = {
  EEXIST: "it exists: give another name, or --overwrite",
  ENOENT: "there is no such directory",
  ENOTDIR: "there is no such directory",
  EACCES: "you may not write there",
  EISDIR: "it is a directory",
  ELOOP: "it is a symbolic link",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
};

/** "trace.pcapng" as the third of twelve files: "trace-03.pcapng". */
export function recordingName(path: string, index: number, files: number): string {
  if (files === 1) return path;
  const ending = extname(path);
  const number = String(index + 1).padStart(String(files).length, "0");
  return join(dirname(path), `${basename(path, ending)}-${number}${ending}`);
}

/** Opens a file to append to, empty. A FIFO without a reader does not hold the start (O_NONBLOCK): it is refused after. */
function openOne(path: string, overwrite: boolean): { readonly fd: number; readonly isNew: boolean } {
  const flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
  try {
    return { fd: openSync(path, flags | O_CREAT | O_EXCL, 0o600), isNew: true };
  } catch (error) {
    if (!overwrite || (error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return { fd: openSync(path, flags | O_TRUNC), isNew: false };
  }
}

/** Descriptors in the order of the files, and of the files beside them. */
export interface OpenRecordingFiles {
  readonly files: readonly number[];
  readonly sidecars?: readonly number[];
}

/** All names of a recording: the files, then those beside them. */
function recordingNames({ path, files, format }: RecordingFileOptions): string[] {
  const names = Array.from({ length: files }, (_, index) => recordingName(path, index, files));
  return format === "pcap" ? [...names, ...names.map(sidecarPath)] : names;
}

/** The files, open and empty, or a line for the person; then nothing is left behind. */
export function openRecordingFiles(options: RecordingFileOptions, user: InvokingUser): OpenRecordingFiles | string {
  if (options.path === "-") return { files: [1] };
  const opened: { path: string; fd: number; isNew: boolean }[] = [];
  for (const path of recordingNames(options)) {
    try {
      const { fd, isNew } = openOne(path, options.overwrite);
      opened.push({ path, fd, isNew });
      if (!fstatSync(fd).isFile()) throw Object.assign(new Error("no file"), { code: "it is not a plain file" });
      // Only what was made here is given away.
      if (isNew && process.geteuid?.() === 0 && user.uid !== 0) fchownSync(fd, user.uid, user.gid);
    } catch (error) {
      for (const { path: name, fd, isNew } of opened) {
        closeSync(fd);
        if (isNew) unlinkSync(name);
      }
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      return `cannot ${options.purpose ?? "record to"} ${escapeControls(path)}: ${reasons[code] ?? code}`;
    }
  }
  const descriptors = opened.map(({ fd }) => fd);
  const files = descriptors.slice(0, options.files);
  return options.format === "pcap" ? { files, sidecars: descriptors.slice(options.files) } : { files };
}

/** Removes files that were never begun: of a ring, or when the recording could not begin. */
export function removeUnused(options: RecordingFileOptions, { files, sidecars = [] }: OpenRecordingFiles): void {
  if (options.path === "-") return;
  const names = recordingNames(options);
  for (const [index, fd] of [...files, ...sidecars].entries()) {
    const facts = fstatSync(fd);
    if (facts.size === 0 && facts.nlink === 1) unlinkSync(names[index]!);
  }
}
