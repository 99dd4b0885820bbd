export { CaptureParser, type ReadOptions } from "./capture-parser.ts";
export { CaptureFileReader, CaptureStreamReader, type CaptureFacts } from "./capture-reader.ts";
export type { CaptureInterface, Damage } from "./format.ts";
export { FrameBatch, frameDirection } from "./frame-batch.ts";
export {
  PcapngWriter,
  PcapWriter,
  type FrameToWrite,
  type InterfaceToWrite,
  type PcapngFrameToWrite,
  type PcapOptions,
  type WriteBytes,
} from "./writer.ts";
