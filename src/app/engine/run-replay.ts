/** `socklens replay` that writes. */
import { openGeoDatabases } from "../../enrich/index.ts";
import type { Command, OutputOptions } from "../cli/index.ts";
import { systemClock } from "../headless.ts";
import { standardOutput } from "../output.ts";
import type { ProgressLine } from "../replay/progress.ts";
import { runReplay } from "../replay.ts";
import type { EngineContext } from "./context.ts";
import { replaySource } from "./replay-source.ts";
import { showProgress } from "./show-progress.ts";

type ReplayCommand = Extract<Command, { readonly kind: "replay" }>;

/** A line on standard error, where that is a terminal and no records run through it. */
function progressLine(options: OutputOptions): ProgressLine | undefined {
  if (!process.stderr.isTTY) return undefined;
  const once = options.format === "plain" && options.interval === undefined;
  if (process.stdout.isTTY && !once) return undefined;
  return { show: showProgress };
}

/** Plays capture files through an engine of their own. */
export async function replay(command: ReplayCommand, context: EngineContext): Promise<number> {
  const output = standardOutput();
  const { output: options, follow } = command;
  const progress = progressLine(options);
  const { code, problem } = await runReplay({
    ...replaySource(command, context),
    options,
    output,
    clock: systemClock,
    geo: openGeoDatabases().lookup,
    stop: context.stop,
    follow,
    ...(progress && { progress }),
  });
  if (problem !== undefined) process.stderr.write(`socklens: ${problem}\n`);
  return code;
}
