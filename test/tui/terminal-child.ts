/** Opens the process's terminal and leaves in the way it is told: run by process-terminal.test.ts inside a pty. */
import { openProcessTerminal } from "../../src/tui/index.ts";

const [way = "exit"] = process.argv.slice(2);
const terminal = openProcessTerminal({
  ...(way === "suspend" ? { stop: () => process.kill(process.pid, "SIGCONT") } : {}),
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
    terminal.close();
  },
});
terminal.write(Buffer.from("<open>"));
if (way === "exit") process.exit(0);
else if (way === "throw") throw new Error("a bug");
else if (way === "reject") void Promise.reject(new Error("a bug"));
else if (way === "close") terminal.close();
else if (way === "suspend") terminal.suspend();
else if (way.startsWith("SIG")) process.kill(process.pid, way);
