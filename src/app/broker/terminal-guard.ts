/** Remembers how the terminal was, to put it back when the engine died without doing so itself. */
import { writeSync } from "node:fs";
import { fcntl, restoreTerminal, terminalSettings } from "../../host/linux/system-calls.ts";

const F_GETFL = 3;
const F_SETFL = 4;

export interface TerminalGuard {
  /** Puts settings and file flags back and, when a screen was drawn, writes `reset` to the terminal. */
  restore(reset: string): void;
}

/** Saves settings and flags of standard input, output and error. */
export function guardTerminal(): TerminalGuard {
  const saved = [0, 1, 2].map((fd) => ({ fd, settings: terminalSettings(fd), flags: fcntl(fd, F_GETFL, 0) }));
  return {
    restore(reset) {
      const terminal = saved.find((each) => each.fd !== 0 && each.settings !== undefined);
      for (const { fd, settings, flags } of saved) {
        // The flags belong to the open file, which the shell shares.
        if (flags >= 0) fcntl(fd, F_SETFL, flags);
        if (settings !== undefined) restoreTerminal(fd, settings);
      }
      if (terminal === undefined || reset === "") return;
      try {
        writeSync(terminal.fd, reset);
      } catch {
        // The terminal is gone as well: nothing to restore.
      }
    },
  };
}
