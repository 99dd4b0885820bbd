/** Converts as the program does, without broker and sandbox. */
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { parseCommandLine } from "../../src/app/cli/index.ts";
import { type ConvertResult, runConvert } from "../../src/app/convert/run-convert.ts";
import { sidecarPath } from "../../src/export/index.ts";
import { systemClock } from "../../src/app/headless.ts";

/** `args` are those behind "convert". The output file is made anew. */
export async function convert(args: readonly string[], secret?: Uint8Array): Promise<ConvertResult> {
  const line = parseCommandLine(["convert", ...args], { terminal: false });
  if (!line.ok) return { code: 2, lines: [line.message] };
  const { command } = line;
  if (command.kind !== "convert") throw new Error(`not convert: ${command.kind}`);
  const { path, redactKey } = command.output;
  const opened: number[] = [];
  const open = (name: string, flags: string): number => {
    const descriptor = openSync(name, flags);
    opened.push(descriptor);
    return descriptor;
  };
  const known = redactKey === undefined ? secret : readFileSync(redactKey);
  try {
    return await runConvert({
      captures: command.files.map((file) => ({
        file,
        descriptor: open(file, "r"),
        ...(existsSync(sidecarPath(file)) && { sidecar: open(sidecarPath(file), "r") }),
      })),
      options: command.options,
      output: {
        descriptor: open(path, "w"),
        ...(command.options.format === "pcap" && { sidecar: open(sidecarPath(path), "w") }),
      },
      ...(known && { secret: known }),
      clock: systemClock,
      stop: new AbortController().signal,
    });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}
