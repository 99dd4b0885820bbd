/**
 * The screen over made-up traffic, to look at and to try keys on: `node tools/screen-demo.ts [rows] [--no-color] [--level=capture]`.
 */
import { createSampleSource } from "../src/host/fake/index.ts";
import type { Level, Snapshot } from "../src/model/index.ts";
import { createScreen, openProcessTerminal } from "../src/tui/index.ts";

const options = process.argv.slice(2);
const rows = Number(options.find((option) => /^\d+$/.test(option)) ?? 2000);
const level = (options.find((option) => option.startsWith("--level="))?.slice(8) ?? "full") as Level;
const source = createSampleSource(rows);
const noColor = options.includes("--no-color");

/** With `--level=capture`: what an incomplete picture looks like. */
function present(snapshot: Snapshot): Snapshot {
  if (level === "full") return snapshot;
  const losses = { ...snapshot.losses, framesDropped: 12 };
  return { ...snapshot, level: { level, reason: "CAP_BPF and CAP_PERFMON are missing", missing: [] }, losses };
}

const timer = setInterval(() => screen.update(present(source.advance(rows / 10))), 500);
const screen = createScreen({
  terminal: openProcessTerminal({ noColor }),
  engine: {
    clearClosed: () => undefined,
    quit: () => {
      clearInterval(timer);
      screen.close();
    },
  },
});
screen.update(present(source.snapshot));
