/** Opens the process's terminal and leaves in the way it is told: run by process-terminal.test.ts inside a pty. */
import { readFileSync } from "node:fs";
import { openProcessTerminal } from "../../src/tui/index.ts";

const [way = "exit"] = process.argv.slice(2);

/** Flags of an open file as Linux has them: O_NONBLOCK is 04000. */
const waits = (): boolean =>
  (parseInt(/flags:\s+(\d+)/.exec(readFileSync("/proc/self/fdinfo/1", "latin1"))?.[1] ?? "0", 8) & 0o4000) !== 0;
/** While the screen was there, and while it was suspended. */
const waited: boolean[] = [];

const terminal = openProcessTerminal({
  ...(way === "suspend"
    ? {
        stop: () => {
          waited.push(waits());
          process.kill(process.pid, "SIGCONT");
        },
      }
    : {}),
});
terminal.open({
  input: (bytes) => {
    terminal.close();
    process.stdout.write(`<${bytes.toString()}>`);
  },
  resized: () => undefined,
  drained: () => undefined,
  resumed: () => {
    terminal.write(Buffer.from("<resumed>"));
    waited.push(waits());
    terminal.close();
    process.stdout.write(`<nonblocking ${waited.join(" ")}>`);
  },
});
terminal.write(Buffer.from("<open>"));
if (way === "exit") process.exit(0);
else if (way === "throw") throw new Error("a bug");
else if (way === "reject") void Promise.reject(new Error("a bug"));
else if (way === "close") terminal.close();
else if (way === "suspend") {
  waited.push(waits());
  terminal.suspend();
} else if (way.startsWith("SIG")) process.kill(process.pid, way);
