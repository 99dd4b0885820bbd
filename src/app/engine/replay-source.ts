import { decodeFilters } from "../replay/frame-gate.ts";
import type { ReplaySource } from "../replay/pass.ts";
import type { TimeRange } from "../replay/range.ts";
import type { EngineContext } from "./context.ts";

/** The captures that the broker opened, and what stands beside them. */
export function replaySource(
  { files, range }: { readonly files: readonly string[]; readonly range: TimeRange },
  { replay, sidecars, replayFilters }: Pick<EngineContext, "replay" | "sidecars" | "replayFilters">,
): ReplaySource {
  if (replay === undefined) throw new Error("replay: the broker handed no file over");
  return {
    captures: files.map((file, index) => ({ file, descriptor: replay[index]! })),
    ...(sidecars && { sidecars: sidecars.map(({ fd, name }) => ({ descriptor: fd, file: name })) }),
    range,
    ...(replayFilters && { filters: decodeFilters(replayFilters) }),
  };
}
