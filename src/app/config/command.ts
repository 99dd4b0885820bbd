/** `socklens config print|path|check`. */
import { escapeText } from "../../export/escape.ts";
import type { ConfigAction } from "../cli/command.ts";
import { invokingUser } from "../broker/invoking-user.ts";
import { resolveConfiguration } from "./configuration.ts";
import { configurationPath, readUserFile } from "./files.ts";
import { printConfiguration } from "./print.ts";
import { noFile, readConfiguration, type ConfigurationFile } from "./read.ts";

export interface ConfigOutput {
  out(text: string): void;
  error(text: string): void;
}

/** One line for each mistake: "FILE:3:7: unknown key ..." as compilers write it. */
export const problemLines = (
  path: string,
  problems: readonly { readonly line: number; readonly column: number; readonly message: string }[],
): string[] => problems.map(({ line, column, message }) => escapeText(`${path}:${line}:${column}: ${message}`));

/** Under sudo nothing here needs root: the file is the caller's, and so is who reads it. */
function becomeCaller(user: { readonly uid: number; readonly gid: number }): void {
  if (process.geteuid?.() !== 0 || user.uid === 0) return;
  process.setgroups?.([user.gid]);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
}

/** Carries out the command; its exit code: 2 for a file with mistakes. */
export function runConfig(action: ConfigAction, given: string | undefined, output: ConfigOutput): number {
  const user = invokingUser();
  const path = configurationPath(user, process.env, given);
  if (action === "path") {
    if (path !== undefined) output.out(`${path}\n`);
    else output.error("socklens: you have no home directory: use --config FILE\n");
    return path === undefined ? 1 : 0;
  }
  becomeCaller(user);
  const read = path === undefined ? ({ absent: true } as const) : readUserFile(user, path);
  if ("problem" in read) {
    output.error(`socklens: ${escapeText(read.problem)}\n`);
    return 2;
  }
  if ("absent" in read && given !== undefined) {
    output.error(`socklens: there is no file ${escapeText(given)}\n`);
    return 2;
  }
  let file: ConfigurationFile = noFile;
  if ("text" in read) {
    const reading = readConfiguration(read.text);
    if (!reading.ok) {
      for (const line of problemLines(path ?? "", reading.problems)) output.error(`${line}\n`);
      return 2;
    }
    ({ file } = reading);
  }
  const configuration = resolveConfiguration(file, {}, process.env);
  if ("problem" in configuration) {
    output.error(`socklens: ${escapeText(configuration.problem)}\n`);
    return 2;
  }
  if (action === "print") output.out(printConfiguration(configuration, path));
  else
    output.out("text" in read ? `${path}: fine\n` : `there is no ${path ?? "file"}: the program's own settings hold\n`);
  return 0;
}
