/**
 * Node's compile cache (NODE_COMPILE_CACHE, which bin/socklens sets) holds modules with their types stripped. It saves
 * some 10 MB and 40 ms in each process, but the sandboxed engine cannot write it; so the first stage does, once for each
 * state of the sources.
 */
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { flushCompileCache, getCompileCacheDir } from "node:module";
import { join } from "node:path";

/** Newest change below `directory`, in milliseconds. */
function newestChange(directory: string): number {
  let newest = 0;
  // Not `recursive`: that takes three times as long, in every start.
  const directories = [directory];
  for (const parent of directories) {
    for (const entry of readdirSync(parent, { withFileTypes: true })) {
      const path = `${parent}/${entry.name}`;
      if (entry.isDirectory()) directories.push(path);
      else if (entry.isFile()) newest = Math.max(newest, statSync(path).mtimeMs);
    }
  }
  return newest;
}

/**
 * 64 bits of the text, in hexadecimal. Two installations with the same one would fill the cache for each
 * other, which costs time and nothing else: node:crypto would cost 8 ms in every start.
 */
function digestOf(text: string): string {
  let first = 0x811c9dc5;
  let second = 0x1000193;
  for (const unit of Buffer.from(text)) {
    first = Math.imul(first ^ unit, 0x1000193);
    second = Math.imul(second ^ unit, 0x85ebca6b);
  }
  return [first, second].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

function changeOf(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}

/**
 * Loads `entries` and writes the cache if the sources below `root` changed since it was written. Returns the cache's
 * directory; undefined when there is none, which only costs time and memory.
 */
export async function fillCompileCache(root: string, entries: readonly string[]): Promise<string | undefined> {
  const directory = getCompileCacheDir();
  if (directory === undefined) return undefined;
  // Several installations share the directory: one that is newer does not fill it for the others.
  const marker = join(directory, `filled-${digestOf(root)}`);
  try {
    if (changeOf(marker) >= newestChange(join(root, "src"))) return directory;
    for (const entry of entries) await import(entry);
    flushCompileCache();
    writeFileSync(marker, "");
  } catch {
    // Nowhere to write, or not allowed to.
  }
  return directory;
}
