/**
 * Second stage of the engine process. Once every module is loaded the identity is dropped, and it is checked that nothing
 * is left, before the first byte from outside is read.
 */
import { Socket } from "node:net";
import { isatty } from "node:tty";
import { dropIdentity, verifyDropped } from "../../host/linux/privileges.ts";
import { INHERITANCE } from "../broker/inheritance.ts";
import { parseCommandLine } from "../cli/index.ts";
import { BrokerClient } from "./broker-client.ts";
import { loadCommand } from "./commands.ts";
import { parseInheritance } from "./inherited.ts";

/** How long an orderly end may take once the broker is gone. */
const GRACE_MILLISECONDS = 700;

function fail(text: string): never {
  process.stderr.write(`socklens: ${text}\n`);
  process.exit(1);
}

/** Aborts on a signal that ends the program, and when the broker is gone; the reason is its name. */
function stopSignal(lifeline: number): AbortSignal {
  const controller = new AbortController();
  // A terminal sends the signal to both processes, and the broker passes it on: the second one is no new request.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort(signal));
  const socket = new Socket({ fd: lifeline, readable: true, writable: false });
  socket.on("error", () => {});
  socket.on("close", () => {
    controller.abort("broker");
    process.exitCode = 1;
    setTimeout(() => process.exit(1), GRACE_MILLISECONDS).unref();
  });
  socket.resume();
  socket.unref();
  return controller.signal;
}

/** Gives everything up, then works until the end of the program. */
async function start(): Promise<never> {
  const inheritance = parseInheritance(process.env[INHERITANCE]);
  if (typeof inheritance === "string") fail(inheritance);
  delete process.env[INHERITANCE];
  const line = parseCommandLine(process.argv.slice(2), { terminal: isatty(1), dumb: process.env["TERM"] === "dumb" });
  // The broker parsed the same words before.
  if (!line.ok) throw new Error(`command line: ${line.message}`);
  // Now: without its identity the program may not be allowed to read its own files.
  const run = await loadCommand(line.command);
  const problem = dropIdentity(inheritance.target) ?? verifyDropped(inheritance.target);
  if (problem !== undefined) fail(`cannot give up privileges: ${problem}`);

  const stop = stopSignal(inheritance.lifeline);
  const broker = new BrokerClient(inheritance.control);
  const { replay, sidecars, replayFilters, captureFilter, configuration, state, recording, convert } = inheritance;
  const given = { replay, sidecars, replayFilters, captureFilter, configuration, state, recording, convert };
  const code = await run({ planes: inheritance, stop, broker, suspend: () => broker.suspend(), ...given });
  process.exit(stop.aborted && stop.reason === "broker" ? 1 : code);
}

// The first stage imports this file, too, to have it compiled.
if (import.meta.main) await start();
