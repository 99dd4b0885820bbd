/**
 * Node's compile cache (NODE_COMPILE_CACHE, which bin/socklens sets) holds modules with their types stripped. It saves
 * some 10 MB and 40 ms in each process, but the sandboxed engine cannot write it; so the first stage does, once for each
 * state of the sources.
 */
import { hash } from "node:crypto";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { flushCompileCache, getCompileCacheDir } from "node:module";
import { join } from "node:path";

/** Newest change below `directory`, in milliseconds. */
function newestChange(directory: string): number {
  let newest = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newest;
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
  const marker = join(directory, `filled-${hash("sha256", root).slice(0, 16)}`);
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
