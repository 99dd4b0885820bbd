import { blockField } from "./packet-ring.ts";
import { headerToFrame, packetWord, RecordingRing, recordingPrivateSize } from "./recording-ring.ts";

const ARPHRD_ETHER = 1;
const PACKET_OUTGOING = 4;

/** A ring whose blocks are full of these Ethernet frames, over and over, laid out as the kernel does it. */
export function madeUpRing(frames: readonly Uint8Array[], blockSize: number, blockCount: number): RecordingRing {
  const memory = new ArrayBuffer(blockSize * blockCount);
  const words = new Int32Array(memory);
  const bytes = new Uint8Array(memory);
  for (let start = 0; start < memory.byteLength; start += blockSize) {
    let at = start + blockField.headerEnd + recordingPrivateSize;
    let count = 0;
    words[(start + blockField.first) / 4] = at - start;
    for (;;) {
      const frame = frames[count % frames.length]!;
      const distance = (headerToFrame + frame.length + 7) & ~7;
      if (at + distance >= start + blockSize) break;
      const word = at / 4;
      words[word + packetWord.next] = distance;
      words[word + packetWord.seconds] = 1_700_000_000;
      words[word + packetWord.nanoseconds] = (count * 7_654_321) % 1_000_000_000;
      words[word + packetWord.captured] = frame.length;
      words[word + packetWord.wire] = frame.length;
      words[word + packetWord.offsets] = headerToFrame | ((headerToFrame + 14) << 16);
      words[word + packetWord.interface] = 1;
      words[word + packetWord.hardware] = ARPHRD_ETHER | (count % 3 === 0 ? 0 : PACKET_OUTGOING << 16);
      bytes.set(frame, at + headerToFrame);
      at += distance;
      count++;
    }
    words[(start + blockField.packets) / 4] = count;
    words[(start + blockField.status) / 4] = 1;
  }
  return RecordingRing.over(memory, blockSize);
}
