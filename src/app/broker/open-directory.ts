/** Directories that are held open, so that names in them mean the same whatever becomes of the path that led there. */
import { constants, openSync } from "node:fs";
import { join } from "node:path";

/** The right to name what is in it, not to list it (O_PATH of open(2), which Node does not name). */
const O_PATH = 0o10000000;

/** Opens a directory for `inside`; throws as openSync does. */
export const openDirectory = (path: string): number => openSync(path, O_PATH | constants.O_DIRECTORY);

/** A name in an open directory, whatever the path of that has come to mean. */
export const inside = (directory: number, name: string): string => join(`/proc/self/fd/${directory}`, name);
