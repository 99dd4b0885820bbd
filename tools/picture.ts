/**
 * Writes the pictures of the screen into README.md: `npm run picture`, or `-- --check` to only tell whether they are
 * what the present screen gives. The traffic is made up (the sample of src/host/fake), so that it never changes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createSampleSource } from "../src/host/fake/index.ts";
import { epochMillis, pid, type ProcessInfo, type Snapshot } from "../src/model/index.ts";
import { createScreen } from "../src/tui/index.ts";
import { HeadlessTerminal } from "../test/tui/headless-terminal.ts";

process.env["TZ"] = "UTC";

const readme = join(dirname(import.meta.dirname), "README.md");

interface Picture {
  /** Between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
  readonly name: string;
  readonly rows: number;
  /** Typed after the first state. */
  readonly keys: string;
  readonly seconds: number;
  /** Connections of the 120 that do something each second. */
  readonly busy: number;
}

const pictures: readonly Picture[] = [
  { name: "screen", rows: 30, keys: "", seconds: 10, busy: 14 },
  { name: "details", rows: 37, keys: "/process:firefox app:tls state:established\r\x1b[B\r", seconds: 90, busy: 60 },
];

/** The owner of a connection under the shell of its user. */
function lineage(snapshot: Snapshot, id: number): readonly ProcessInfo[] {
  const process = snapshot.connections.find((row) => row.id === id)?.process;
  if (process?.parent === undefined) return process === undefined ? [] : [process];
  const start = epochMillis(process.start - 60_000);
  const first = {
    pid: pid(1),
    name: "systemd",
    start,
    user: { id: 0, name: "root" },
    executable: "/usr/lib/systemd/systemd",
  };
  const shell = { ...process.parent, start, ...(process.user && { user: process.user }), commandLine: ["-bash"] };
  return [process, shell, first];
}

async function draw({ rows, keys, seconds, busy }: Picture): Promise<string> {
  const terminal = new HeadlessTerminal({ columns: 124, rows, colors: "none" });
  const source = createSampleSource(120);
  const engine = {
    clearClosed: () => undefined,
    quit: () => undefined,
    lineage: (id: number) => lineage(source.snapshot, id),
  };
  const screen = createScreen({ terminal, engine });
  screen.update(source.snapshot);
  terminal.type(keys);
  for (let second = 0; second < seconds; second += 1) screen.update(source.advance(busy));
  const lines = await terminal.lines();
  screen.close();
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** `text` with `content` between the marks of `name`. */
function fill(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} ... ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n\`\`\`text\n${content}\n\`\`\`\n\n${text.slice(to)}`;
}

const before = readFileSync(readme, "utf8");
let after = before;
for (const picture of pictures) after = fill(after, picture.name, await draw(picture));
if (!process.argv.includes("--check")) writeFileSync(readme, after);
else if (before !== after) {
  console.error("The pictures in README.md are not what the screen shows: npm run picture");
  process.exitCode = 1;
}
