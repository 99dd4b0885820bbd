export type { WriteBytes } from "./byte-sink.ts";
export { CaptureParser, type ReadOptions } from "./capture-parser.ts";
export { CaptureFileReader, CaptureStreamReader, type CaptureFacts } from "./capture-reader.ts";
export { type Compression, compressor, type Compressor } from "./compression.ts";
export type { CaptureInterface, Damage } from "./format.ts";
export { FrameBatch, frameDirection } from "./frame-batch.ts";
export { MergedFrames } from "./merge.ts";
export type { CaptureObserver, CustomBlock, InterfaceStatistics, RawBlock, SectionFacts } from "./observer.ts";
export { eachOption } from "./pcapng-options.ts";
export { openCapture, type FollowOptions, type OpenCapture, type OpenOptions } from "./source.ts";
export { PcapBlockWriter } from "./pcap-block-writer.ts";
export {
  BlockInterfaces,
  PcapngBlockWriter,
  type BlockMemory,
  type BlockReferences,
  type PairedWords,
  type PlainFrame,
} from "./pcapng-block-writer.ts";
export { PcapCopyWriter } from "./pcap-copy-writer.ts";
export {
  fitsMicroseconds,
  type FrameOptions,
  type InterfaceToCopy,
  type OptionToWrite,
  PcapngCopyWriter,
  turnEnterprise,
} from "./pcapng-copy-writer.ts";
export { enterpriseNumber, flowRecordsBlock, flowRecordsIn } from "./socklens-blocks.ts";
export { resolution, type Resolution, splitTicks, type SplitTime } from "./timestamp.ts";
export {
  leastFiller,
  PcapngWriter,
  PcapWriter,
  type FrameToWrite,
  type InterfaceToWrite,
  type PcapngFrameToWrite,
  type PcapOptions,
} from "./writer.ts";
