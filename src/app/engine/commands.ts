/** The commands that need the engine. Each is loaded for itself: what starts loads nothing that it does not use. */
import type { Command } from "../cli/index.ts";
import type { EngineContext } from "./context.ts";

/** Runs until the command is done or the context's `stop` is aborted; the exit code. */
export type RunCommand = (context: EngineContext) => Promise<number>;

/** Files with all that commands load, for the compile cache. */
export const commandFiles = ["run.ts", "run-play.ts", "run-replay.ts", "run-conversion.ts"] as const;

/** Loads what the command needs, all of it: later the program may not be allowed to read its own files. */
export async function loadCommand(command: Command): Promise<RunCommand> {
  switch (command.kind) {
    case "replay": {
      const { replay } = await import("./run-replay.ts");
      return (context) => replay(command, context);
    }
    case "play": {
      const { play } = await import("./run-play.ts");
      return (context) => play(command, context);
    }
    case "convert": {
      const { convert } = await import("./run-conversion.ts");
      return (context) => convert(command, context);
    }
    case "screen":
    case "headless":
    case "record": {
      const { runLive } = await import("./run.ts");
      return (context) => runLive(command, context);
    }
    default:
      throw new Error(`not a command for the engine: ${command.kind}`);
  }
}
