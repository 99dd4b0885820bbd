/** Writes past the page cache, from memory straight to the disk (O_DIRECT of open(2)). */
import { constants } from "node:fs";
import { fcntl } from "./system-calls.ts";

const F_GETFL = 3;
const F_SETFL = 4;

/** What memory, length and place in the file of such a write must be a multiple of; disks ask for 512 or 4096. */
export const directAlignment = 4096;

/**
 * Lets writes to `fd` go past the page cache, or not. False: its file system knows no such writes. The descriptor must be one
 * that no other program has, which would be bound to the alignment too.
 */
export function setDirectWrites(fd: number, on: boolean): boolean {
  const flags = fcntl(fd, F_GETFL, 0);
  if (flags < 0) return false;
  return fcntl(fd, F_SETFL, on ? flags | constants.O_DIRECT : flags & ~constants.O_DIRECT) >= 0;
}
