/** The traffic programs beside this folder, compiled on first use and kept by the hash of what they are made of. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.ts";

const sources = join(import.meta.dirname, "..", "programs");
const flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-pthread"];

/** Absolute path of the compiled program `name` (its source is `programs/NAME.c`). */
export function program(name: string): string {
  const source = join(sources, `${name}.c`);
  const hash = createHash("sha256");
  for (const file of [source, join(sources, "traffic.h")]) hash.update(readFileSync(file));
  hash.update(flags.join(" "));
  const directory = join(tmpdir(), `socklens-programs-${process.getuid?.() ?? 0}`, hash.digest("hex").slice(0, 16));
  const path = join(directory, name);
  if (existsSync(path)) return path;
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const unfinished = `${path}.${process.pid}`;
  run(["gcc", ...flags, "-o", unfinished, source]);
  renameSync(unfinished, path);
  return path;
}
