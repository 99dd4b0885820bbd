export { CaptureParser, type ReadOptions } from "./capture-parser.ts";
export { CaptureFileReader, CaptureStreamReader, type CaptureFacts } from "./capture-reader.ts";
export type { Compression } from "./compression.ts";
export type { CaptureInterface, Damage } from "./format.ts";
export { FrameBatch, frameDirection } from "./frame-batch.ts";
export { MergedFrames } from "./merge.ts";
export type { CaptureObserver, CustomBlock, InterfaceStatistics, SectionFacts } from "./observer.ts";
export { eachOption } from "./pcapng-options.ts";
export { openCapture, type FollowOptions, type OpenCapture, type OpenOptions } from "./source.ts";
export { PcapBlockWriter } from "./pcap-block-writer.ts";
export { BlockInterfaces, PcapngBlockWriter, type BlockMemory, type BlockReferences } from "./pcapng-block-writer.ts";
export { enterpriseNumber, flowRecordsBlock, flowRecordsIn } from "./socklens-blocks.ts";
export {
  leastFiller,
  PcapngWriter,
  PcapWriter,
  type FrameToWrite,
  type InterfaceToWrite,
  type PcapngFrameToWrite,
  type PcapOptions,
  type WriteBytes,
} from "./writer.ts";
