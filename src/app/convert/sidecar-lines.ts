import { read as readCallback } from "node:fs";
import { promisify } from "node:util";
import { LineCutter, readSidecarLine, type SidecarInterface } from "../../export/index.ts";

const read = promisify(readCallback);
const pieceBytes = 256 * 1024;

/** Reads the lines of a sidecar from its beginning; `taken` is waited for after each piece. A text says why it broke off. */
export async function readSidecarLines(
  descriptor: number,
  take: (line: string) => void,
  taken: () => Promise<void>,
): Promise<string | undefined> {
  const cutter = new LineCutter(take);
  const buffer = new Uint8Array(pieceBytes);
  try {
    for (let position = 0; ;) {
      const { bytesRead } = await read(descriptor, buffer, 0, buffer.length, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      cutter.push(buffer.subarray(0, bytesRead));
      await taken();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  cutter.end();
  return undefined;
}

/** The interface of a capture when its sidecar names one, and no other. */
export async function onlyInterface(descriptor: number): Promise<SidecarInterface | undefined> {
  const found = new Map<string, SidecarInterface>();
  const take = (line: string): void => {
    // Nearly all lines are of flows.
    const entry = line.includes('"event_type":"interface"') && found.size < 2 ? readSidecarLine(line) : undefined;
    if (entry?.kind === "interface") found.set(entry.interface.name, entry.interface);
  };
  await readSidecarLines(descriptor, take, async () => {});
  return found.size === 1 ? [...found.values()][0] : undefined;
}
