/** Reads captures for tests, whole or in pieces, into plain values. */
import { CaptureParser, type CaptureObserver, type Damage, FrameBatch } from "../../src/files/index.ts";

export interface PlainFrame {
  /** Seconds, and nine digits behind them. */
  readonly time: string;
  readonly link: number;
  readonly source: number;
  readonly direction: string;
  readonly wire: number;
  readonly bytes: string;
}

export interface Reading {
  readonly frames: readonly PlainFrame[];
  readonly damage: Damage | undefined;
  readonly parser: CaptureParser;
}

/** Reads `file` in pieces of at most `piece` bytes. Throws when the parser does not get on: that would be a hang. */
export function readCapture(file: Uint8Array, observer?: CaptureObserver, piece = Infinity): Reading {
  const parser = new CaptureParser({ bufferBytes: 256, ...(observer && { observer }) });
  const batch = new FrameBatch(16);
  const frames: PlainFrame[] = [];
  let given = 0;
  for (let step = 0; step <= 4 * file.length + 16; step++) {
    const state = parser.next(batch);
    if (state === "end") return { frames, damage: parser.damage, parser };
    if (state === "frames") {
      for (let index = 0; index < batch.count; index++) frames.push(plainFrame(batch, index));
      continue;
    }
    const room = parser.room();
    const part = file.subarray(given, given + Math.min(room.length, piece));
    room.set(part);
    given += part.length;
    if (part.length > 0) parser.filled(part.length);
    else parser.finish();
  }
  throw new Error("the reader does not end");
}

export function plainFrame(batch: FrameBatch, index: number): PlainFrame {
  const frame = batch.frame(index);
  return {
    time: `${batch.seconds[index]}.${String(batch.nanoseconds[index]).padStart(9, "0")}`,
    link: frame.linkType,
    source: frame.interfaceIndex,
    direction: frame.direction,
    wire: frame.wireLength,
    bytes: Buffer.from(frame.bytes).toString("hex"),
  };
}
