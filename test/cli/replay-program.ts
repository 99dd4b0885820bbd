/** Replays as the program does, without broker and sandbox: arguments are the command line. */
import { openSync } from "node:fs";
import { parseCommandLine, usageErrorText } from "../../src/app/cli/index.ts";
import { systemClock } from "../../src/app/headless.ts";
import { standardOutput } from "../../src/app/output.ts";
import { runReplay } from "../../src/app/replay.ts";

const line = parseCommandLine(process.argv.slice(2), { terminal: false });
if (!line.ok) {
  process.stderr.write(usageErrorText(line, false));
  process.exit(2);
}
const { command } = line;
if (command.kind !== "replay") throw new Error(`not replay: ${command.kind}`);
const { files, range, follow } = command;
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
const { code, problem } = await runReplay({
  captures: files.map((file) => ({ file, descriptor: file === "-" ? 0 : openSync(file, "r") })),
  options: command.output,
  output: standardOutput(),
  clock: systemClock,
  stop: stop.signal,
  range,
  follow,
});
if (problem !== undefined) process.stderr.write(`socklens: ${problem}\n`);
process.exit(code);
