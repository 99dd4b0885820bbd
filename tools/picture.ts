/**
 * Writes the picture of the screen into README.md: `npm run picture`, or `-- --check` to only tell whether it is the
 * one that the present screen gives. The traffic is made up (the sample of src/host/fake), so that it never changes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createSampleSource } from "../src/host/fake/index.ts";
import { createScreen } from "../src/tui/index.ts";
import { HeadlessTerminal } from "../test/tui/headless-terminal.ts";

process.env["TZ"] = "UTC";

const begin = "<!-- screen:begin -->";
const end = "<!-- screen:end -->";
const readme = join(dirname(import.meta.dirname), "README.md");

async function picture(): Promise<string> {
  const terminal = new HeadlessTerminal({ columns: 124, rows: 30, colors: "none" });
  const source = createSampleSource(120);
  const screen = createScreen({ terminal, engine: { clearClosed: () => undefined, quit: () => undefined } });
  screen.update(source.snapshot);
  for (let second = 0; second < 10; second += 1) screen.update(source.advance(14));
  const lines = await terminal.lines();
  screen.close();
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** `text` with `content` between the marks. */
function fill(text: string, content: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} ... ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n\`\`\`text\n${content}\n\`\`\`\n\n${text.slice(to)}`;
}

const before = readFileSync(readme, "utf8");
const after = fill(before, await picture());
if (!process.argv.includes("--check")) writeFileSync(readme, after);
else if (before !== after) {
  console.error("The picture in README.md is not what the screen shows: npm run picture");
  process.exitCode = 1;
}
