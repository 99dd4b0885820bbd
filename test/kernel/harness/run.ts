import { spawnSync } from "node:child_process";

/**
 * Runs a short command to its end and returns its standard output.
 * Throws with the command and its standard error when it fails: a test bed that cannot be made is no result.
 */
export function run(command: readonly string[], input?: string, deadline = 60_000): string {
  const [program = "", ...rest] = command;
  const result = spawnSync(program, rest, {
    encoding: "utf8",
    timeout: deadline,
    maxBuffer: 256 << 20,
    ...(input === undefined ? {} : { input }),
  });
  if (result.error) throw new Error(`${command.join(" ")}: ${result.error.message}`);
  if (result.status !== 0) {
    throw new Error(`${command.join(" ")}: exit ${result.status ?? result.signal}: ${result.stderr.trim()}`);
  }
  return result.stdout;
}

/** As `run`, for cleaning up: a failure is returned, not thrown. */
export function attempt(command: readonly string[]): boolean {
  const [program = "", ...rest] = command;
  return spawnSync(program, rest, { stdio: "ignore", timeout: 60_000 }).status === 0;
}

/** Splits a command written as text: words without blanks in them. */
export function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
