import { readFileSync } from "node:fs";
import type { Command } from "../cli/index.ts";
import { runConvert } from "../convert/run-convert.ts";
import { systemClock } from "../headless.ts";
import { showProgress } from "./show-progress.ts";

/** Descriptors of a conversion beside those of the captures. */
export interface ConvertSource {
  readonly output: number;
  readonly beside?: number;
  /** Files beside the captures; null where there is none. */
  readonly sidecars: readonly (number | null)[];
  readonly key?: number;
}

interface ConversionContext {
  /** The captures. */
  readonly replay: readonly number[] | undefined;
  readonly convert: ConvertSource | undefined;
  readonly stop: AbortSignal;
}

/** `socklens convert`; the exit code. */
export async function convert(
  { files, options }: Extract<Command, { readonly kind: "convert" }>,
  { replay: descriptors, convert: source, stop }: ConversionContext,
): Promise<number> {
  if (descriptors === undefined || source === undefined) throw new Error("convert: the broker handed no file over");
  const { code, lines } = await runConvert({
    captures: files.map((file, index) => {
      const sidecar = source.sidecars[index] ?? undefined;
      return { file, descriptor: descriptors[index]!, ...(sidecar !== undefined && { sidecar }) };
    }),
    options,
    output: { descriptor: source.output, ...(source.beside !== undefined && { sidecar: source.beside }) },
    ...(source.key !== undefined && { secret: readFileSync(source.key) }),
    clock: systemClock,
    stop,
    ...(process.stderr.isTTY && { progress: { show: showProgress } }),
  });
  for (const line of lines) process.stderr.write(`socklens: ${line}\n`);
  return code;
}
