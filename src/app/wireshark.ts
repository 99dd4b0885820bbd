/** The dissector for Wireshark that comes with the program: prints it, or puts it where Wireshark looks for plugins. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writingProblem } from "../host/linux/file-problems.ts";
import { asUser, invokingUser } from "./broker/invoking-user.ts";

const source = join(import.meta.dirname, "../../wireshark/socklens.lua");

/** Installs for the user who called sudo, if one did. Returns the exit code. */
export function runWireshark(
  action: "install" | "print",
  write: (text: string) => void,
  error: (text: string) => void,
): number {
  // Read as who started this: the user may not be allowed to.
  const text = readFileSync(source, "utf8");
  if (action === "print") {
    write(text);
    return 0;
  }
  const user = invokingUser();
  if (user.home === undefined) {
    error("socklens: you have no home directory: use socklens wireshark print, and install the text yourself\n");
    return 1;
  }
  const directory = join(user.home, ".local/lib/wireshark/plugins");
  const target = join(directory, "socklens.lua");
  try {
    asUser(user, () => {
      mkdirSync(directory, { recursive: true });
      writeFileSync(target, text);
      chmodSync(target, 0o644);
    });
  } catch (problem) {
    error(`socklens: cannot write ${target}: ${writingProblem(problem)}\n`);
    return 1;
  }
  write(`${target}\n`);
  return 0;
}
