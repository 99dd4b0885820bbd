/** Opens the files of a conversion beside those that are read: what is written, and the key of a redaction. */
import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import { escapeText } from "../../export/escape.ts";
import { sidecarPath, sidecarPaths } from "../../export/sidecar-path.ts";
import { readingProblem } from "../../host/linux/file-problems.ts";
import type { ResourceFailure } from "../../host/linux/resources.ts";
import { redactionKeyBytes } from "../convert/redaction-key-size.ts";
import type { InvokingUser } from "./invoking-user.ts";
import { openRecordingFiles, type OpenRecordingFiles, type RecordingFileOptions } from "./recording-files.ts";

export interface ConvertFileOptions {
  /** Names of the files that are read; "-" is standard input. */
  readonly inputs: readonly string[];
  readonly output: RecordingFileOptions;
  readonly redactKey?: string;
}

export interface OpenConvertFiles {
  readonly output: OpenRecordingFiles;
  /** What lies beside the files that are read; undefined where nothing does. */
  readonly sidecars: readonly (number | undefined)[];
  readonly key?: number;
}

/** A FIFO without a writer does not hold the start: it is refused after. */
const reading = constants.O_RDONLY | constants.O_NONBLOCK;

/** Device and number of a file; undefined when there is none. */
function identity(path: string): string | undefined {
  const facts = statSync(path, { throwIfNoEntry: false });
  return facts === undefined ? undefined : `${facts.dev} ${facts.ino}`;
}

/** A file that is read must not be emptied before. */
function readAndWritten({ inputs, output }: ConvertFileOptions): string | undefined {
  if (output.path === "-") return undefined;
  const written = new Set([output.path, sidecarPath(output.path)].map(identity));
  written.delete(undefined);
  return inputs
    .flatMap((one) => (one === "-" ? [] : [one, ...sidecarPaths(one)]))
    .find((one) => written.has(identity(one)));
}

function openKey(path: string): number | ResourceFailure {
  const { least, most } = redactionKeyBytes;
  try {
    const descriptor = openSync(path, reading);
    const facts = fstatSync(descriptor);
    if (facts.isFile() && facts.size >= least && facts.size <= most) return descriptor;
    closeSync(descriptor);
    const size = facts.isFile() ? `${facts.size} bytes` : "no plain file";
    return {
      problem: `--redact-key: ${escapeText(path)} has ${size}; a key has ${least} to ${most} bytes`,
      isMistake: true,
    };
  } catch (error) {
    return { problem: `cannot read ${escapeText(path)}: ${readingProblem(error)}`, isMistake: false };
  }
}

function openSidecar(path: string): number | undefined {
  for (const name of path === "-" ? [] : sidecarPaths(path)) {
    try {
      const descriptor = openSync(name, reading);
      if (fstatSync(descriptor).isFile()) return descriptor;
      closeSync(descriptor);
    } catch {
      // There is none, or it is not for this user: the frames are there without it.
    }
  }
  return undefined;
}

/** All of them, or why not; then nothing is left behind. */
export function openConvertFiles(options: ConvertFileOptions, user: InvokingUser): OpenConvertFiles | ResourceFailure {
  const both = readAndWritten(options);
  if (both !== undefined)
    return { problem: `${escapeText(both)} is read and cannot be written: give another name`, isMistake: true };
  const key = options.redactKey === undefined ? undefined : openKey(options.redactKey);
  if (typeof key === "object") return key;
  const output = openRecordingFiles({ ...options.output, replaceAtEnd: true }, user);
  if (typeof output === "string") return { problem: output, isMistake: false };
  return { output, sidecars: options.inputs.map(openSidecar), ...(key !== undefined && { key }) };
}
