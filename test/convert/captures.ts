/** Captures that tests of conversions begin with, and what comes out of them. */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { openCapture, type OpenCapture, PcapWriter } from "../../src/files/index.ts";
import { epochMillis } from "../../src/model/index.ts";

export interface Shot {
  /** Nanoseconds after the first second. */
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly wireLength?: number;
}

export const firstSecond = 1_700_000_000;

/** Writes a pcap file of Ethernet, or of `linkType`. */
export function writePcap(
  path: string,
  shots: readonly Shot[],
  options: { nanoseconds?: boolean; linkType?: number } = {},
) {
  const parts: Uint8Array[] = [];
  const { nanoseconds = true, linkType = 1 } = options;
  const writer = new PcapWriter((bytes) => void parts.push(bytes.slice()), { linkType, nanoseconds });
  for (const { at, bytes, wireLength } of shots) {
    const seconds = firstSecond + Math.floor(at / 1e9);
    writer.frame({
      time: epochMillis(seconds * 1000),
      seconds,
      nanoseconds: at % 1e9,
      bytes,
      ...(wireLength !== undefined && { wireLength }),
    });
  }
  writer.flush();
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** Frames of a file as text: time, lengths, link type and bytes. */
export async function framesOf(path: string): Promise<{ readonly frames: string[]; readonly capture: OpenCapture }> {
  const descriptor = openSync(path, "r");
  const capture = openCapture(descriptor);
  const frames: string[] = [];
  for await (const batch of capture.batches) {
    for (let index = 0; index < batch.count; index++) {
      const time = `${batch.seconds[index]}.${String(batch.nanoseconds[index]).padStart(9, "0")}`;
      const hex = Buffer.from(batch.frame(index).bytes).toString("hex");
      frames.push(`${time} ${batch.wireLengths[index]} ${batch.linkTypes[index]} ${hex}`);
    }
  }
  closeSync(descriptor);
  return { frames, capture };
}
