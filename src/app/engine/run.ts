/** What the engine does once it is unprivileged. */
import type { Host } from "../../model/index.ts";

export interface EngineContext {
  readonly host: Host;
  /** Aborted when the program is to end; ends soon after. */
  readonly stop: AbortSignal;
  /** The command line, without runtime and file. */
  readonly args: readonly string[];
  /** Descriptor of the capture file to replay. */
  readonly replay: number | undefined;
}

/** Runs until the work is done or `stop` is aborted; the exit code. */
export async function runEngine(context: EngineContext): Promise<number> {
  const { host, stop } = context;
  process.stdout.write(`${JSON.stringify({ level: host.level })}\n`);
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      let flows = 0;
      host.sockets?.drain({ process() {}, sample() {}, flow: () => void flows++ });
      process.stdout.write(`${JSON.stringify({ flows })}\n`);
    }, 1000);
    stop.addEventListener("abort", () => {
      clearInterval(timer);
      resolve();
    });
  });
  return 0;
}
