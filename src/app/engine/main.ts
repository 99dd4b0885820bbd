/**
 * Second stage of the engine process. Once every module is loaded the identity is dropped, and it is checked that nothing
 * is left, before the first byte from outside is read.
 */
import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { createLinuxHost } from "../../host/linux/index.ts";
import { dropIdentity, verifyDropped } from "../../host/linux/privileges.ts";
import type { Host } from "../../model/index.ts";
import { INHERITANCE, type Inheritance } from "../broker/inheritance.ts";
import { parseInheritance } from "./inherited.ts";
import { BrokerClient } from "./broker-client.ts";
import { runEngine } from "./run.ts";

/** How long an orderly end may take once the broker is gone. */
const GRACE_MILLISECONDS = 700;

function fail(text: string): never {
  process.stderr.write(`socklens: ${text}\n`);
  process.exit(1);
}

/** The first line of /proc/PID/comm; empty when the process is gone. */
function commandName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").slice(0, 64).replace(/\n$/, "");
  } catch {
    return "";
  }
}

function createHost(inheritance: Inheritance, broker: BrokerClient): Host | string {
  const { level, reason, missing, packetRings, conntrack, socketPlane } = inheritance;
  return createLinuxHost({
    level: { level, missing, ...(reason === undefined ? {} : { reason }) },
    packetRings,
    ...(socketPlane === undefined ? {} : { socketPlane }),
    ...(conntrack === undefined ? {} : { conntrack }),
    restricted: (pid) => broker.process(pid),
    owners: (inodes) => broker.owners(inodes).map(([inode, pid]) => ({ inode, pid, name: commandName(pid) })),
  });
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
  // Now: without its identity the program may not be allowed to read its own files.
  const fileCommands = inheritance.replay === undefined ? undefined : await import("./file-commands.ts");
  const problem = dropIdentity(inheritance.target) ?? verifyDropped(inheritance.target);
  if (problem !== undefined) fail(`cannot give up privileges: ${problem}`);

  const stop = stopSignal(inheritance.lifeline);
  const broker = new BrokerClient(inheritance.control);
  const host = createHost(inheritance, broker);
  if (typeof host === "string") fail(host);
  const args = process.argv.slice(2);
  const suspend = (): void => broker.suspend();
  const { replay, sidecars, replayFilters, captureFilter, configuration, state, recording, convert } = inheritance;
  const given = { args, replay, sidecars, replayFilters, captureFilter, configuration, state, recording, convert };
  const code = await runEngine({ host, stop, broker, suspend, fileCommands, ...given });
  host.close();
  process.exit(stop.aborted && stop.reason === "broker" ? 1 : code);
}

// The first stage imports this file, too, to have it compiled.
if (import.meta.main) await start();
