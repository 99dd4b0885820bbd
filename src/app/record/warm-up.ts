import { madeUpRing } from "../../host/linux/made-up-ring.ts";
import { epochMillis, type Connection } from "../../model/index.ts";
import { FlowNotes } from "./flow-notes.ts";
import { PlainFront } from "./plain-front.ts";
import type { RecordingFormat, FormatParts } from "./recording-format.ts";

const blockSize = 1 << 16;
const blockCount = 40;
/** With some 320 frames in a block: as many as the compiler wants to have seen, and not many more. */
const rounds = 5;

/** An Ethernet frame of 106 bytes with IPv4 and UDP, from this port. */
function frameFrom(port: number): Uint8Array {
  const frame = new Uint8Array(106);
  frame.set([0x08, 0x00, 0x45, 0, 0, 92, 0, 0, 0x40, 0, 64, 17], 12);
  frame.set([192, 0, 2, 1, 192, 0, 2, 2, port >>> 8, port, 0, 9, 0, 72], 26);
  return frame;
}

/**
 * Has made-up frames go the way of a recording's frames, into nothing. So the way is compiled before the first one comes:
 * compiling takes a tenth of a second of CPU, and a ring of 64 MiB, on a machine that is busy, may be full before it is over.
 */
export function warmUp(formatOf: (parts: FormatParts) => RecordingFormat): void {
  for (let round = 0; round < rounds; round++) for (const isLong of [true, false]) runOnce(formatOf, isLong);
}

/** For a format that writes no file. */
export const intoNothing = (memory: Uint8Array): FormatParts => ({
  memory,
  interfaces: () => [],
  lineage: () => [],
  application: "",
  snapLength: 0,
  write: () => {},
  writeBeside: () => {},
});

/** With `isLong` all frames go the way of those that are not plain. */
function runOnce(formatOf: (parts: FormatParts) => RecordingFormat, isLong: boolean): void {
  const ring = madeUpRing([1, 1, 1, 2].map(frameFrom), blockSize, blockCount);
  // Of two shapes, so that the compiler does not bet on one: rows of the connection table have a third.
  const rows = [{ id: 1, hostname: "", process: {}, application: {} }, { id: 2 }] as unknown as Connection[];
  const notes = new FlowNotes(ring.blockFrames, {
    connectionOf: ({ sourcePort }, other) => (other === true ? undefined : rows[sourcePort - 1]),
  });
  const format = formatOf(intoNothing(ring.memory));
  const now = epochMillis(Date.now());
  const { flows, keep } = notes;
  const front = new PlainFront(ring.memory, notes, () => (isLong ? undefined : format.plain));
  front.now = now;
  for (let block = ring.take(front); block !== undefined; block = ring.take(front)) {
    notes.mark(block.columns, now);
    const start = front.frames > 0 ? front.end : block.start;
    // Of the shapes that the recorder gives, else the compiler has to begin anew.
    const { columns, end } = block;
    notes.takeDue();
    format.block({ block: { columns, start, end }, flows, keep, due: [], alignment: 4 }, now);
    ring.release(block.index);
  }
}
