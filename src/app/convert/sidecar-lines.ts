import { read as readCallback } from "node:fs";
import { promisify } from "node:util";
import { LineCutter, readSidecarLine, type SidecarInterface, type SidecarStatistics } from "../../export/index.ts";

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

/** What a sidecar tells of its capture as a whole. */
export interface SidecarFacts {
  /** The interface, when it names one and no other. */
  readonly interface?: SidecarInterface;
  readonly captureFilter?: string;
  readonly statistics?: SidecarStatistics & { /** Milliseconds since the epoch. */ readonly time: number };
}

/** Lines that are of no flow; nearly all are of one. */
const ofCapture = /"event_type":"(?:sidecar|interface|capture)"/;

/** Reads a sidecar for what it tells beside flows. */
export async function readSidecarFacts(descriptor: number): Promise<SidecarFacts> {
  const interfaces = new Map<string, SidecarInterface>();
  const facts: { -readonly [Key in keyof SidecarFacts]: SidecarFacts[Key] } = {};
  const take = (line: string): void => {
    const entry = ofCapture.test(line) ? readSidecarLine(line) : undefined;
    if (entry?.kind === "interface" && interfaces.size < 2) interfaces.set(entry.interface.name, entry.interface);
    if (entry?.kind === "header" && entry.header.captureFilter !== undefined) {
      facts.captureFilter = entry.header.captureFilter;
    }
    if (entry?.kind === "statistics") facts.statistics = { ...entry.statistics, time: entry.time };
  };
  await readSidecarLines(descriptor, take, async () => {});
  const [only, other] = interfaces.values();
  if (only !== undefined && other === undefined) facts.interface = only;
  return facts;
}
