import {
  sidecarHeaderLine,
  sidecarInterfaceLine,
  sidecarStatisticsLine,
  type SidecarStatistics,
} from "../../export/index.ts";
import {
  type CaptureInterface,
  eachOption,
  enterpriseNumber,
  fitsMicroseconds,
  flowRecordsIn,
  type FrameBatch,
  PcapCopyWriter,
  type RawBlock,
  type WriteBytes,
} from "../../files/index.ts";
import type { Pseudonyms } from "../../redact/index.ts";
import { linkTypeName } from "../../wire/index.ts";
import { blockType, commentOption, readOptions } from "./block-options.ts";
import type { PcapTimes } from "./options.ts";
import type { LeftOut } from "./left-out.ts";
import type { RecordCopier } from "./record-copier.ts";
import { interfacePseudonym } from "./record-redaction.ts";
import type { ConvertTarget } from "./targets.ts";

export interface PcapTargetOptions {
  readonly write: WriteBytes;
  /** Takes the file beside it, which is text; absent: there is none. */
  readonly writeBeside?: (text: string) => void;
  readonly times: PcapTimes;
  readonly records: RecordCopier;
  readonly pseudonyms?: Pseudonyms;
  readonly leftOut: LeftOut;
  /** All interfaces of all sources that are known by now. */
  readonly interfaces: () => readonly CaptureInterface[];
}

const usualSnapLength = 262_144;

const linkName = (link: number): string => linkTypeName(link) ?? `link type ${link}`;

/** Makes a classic pcap file, and its sidecar as soon as there is a record for it. */
export class PcapTarget implements ConvertTarget {
  readonly #options: PcapTargetOptions;
  #writer: PcapCopyWriter | undefined;
  #linkType = -1;
  /** Time of the first frame, in milliseconds: that of the sidecar's lines. */
  #time = 0;
  #sidecarBegun = false;
  #dropped = 0;
  #accepted: number | undefined;

  constructor(options: PcapTargetOptions) {
    this.#options = options;
  }

  block(source: number, { type, bytes, littleEndian }: RawBlock): void {
    const { records, leftOut } = this.#options;
    const options = (start: number): void => {
      for (const [code] of readOptions(type, bytes, start, bytes.length - 4, littleEndian)) {
        if (code === commentOption) leftOut.add("comment", "comments");
      }
    };
    switch (type) {
      case blockType.section:
        if (this.#time > 0) records.beginSection(source);
        return options(24);
      case blockType.interface:
        return options(16);
      case blockType.statistics:
        return options(20);
      case blockType.names:
        return leftOut.add("block of names", "blocks of names");
      case blockType.secrets:
        return leftOut.add("block of secrets", "blocks of secrets");
      case blockType.custom:
      case blockType.customNotCopied:
        return this.#custom(source, bytes, littleEndian);
      default:
        leftOut.add("block of its own", "blocks of their own");
    }
  }

  #custom(source: number, bytes: Uint8Array, littleEndian: boolean): void {
    const enterprise = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, littleEndian);
    const text = enterprise === enterpriseNumber ? flowRecordsIn(bytes.subarray(12, bytes.length - 4)) : undefined;
    if (text === undefined) return this.#options.leftOut.add("custom block", "custom blocks");
    for (const line of this.#options.records.lines(source, text)) this.record(line);
  }

  frame(
    _source: number,
    batch: FrameBatch,
    index: number,
    captured: number,
    interfaces: readonly CaptureInterface[],
  ): string | undefined {
    const link = batch.linkTypes[index]!;
    if (this.#writer === undefined) {
      this.#linkType = link;
      this.#time = batch.millis(index);
      this.#writer = this.#begin(link, interfaces);
    } else if (link !== this.#linkType) {
      return `pcap holds one link type, and there are ${linkName(this.#linkType)} and ${linkName(link)}: write pcapng`;
    }
    this.#writer.frame(batch, index, captured);
    const start = batch.optionOffsets[index]!;
    const end = start + batch.optionLengths[index]!;
    if (end > start) eachOption(batch.bytes, start, end, batch.littleEndian, this.#countComment);
    return undefined;
  }

  readonly #countComment = (code: number): void => {
    if (code === commentOption) this.#options.leftOut.add("comment", "comments");
  };

  #begin(link: number, interfaces: readonly CaptureInterface[]): PcapCopyWriter {
    const known = [...this.#options.interfaces(), ...interfaces];
    const { times, write } = this.#options;
    const coarse =
      times === "finest"
        ? known.every(({ ticksPerSecond }) => fitsMicroseconds(ticksPerSecond))
        : times === "microseconds";
    const snapLength = known.reduce((most, one) => Math.max(most, one.snapLength), usualSnapLength);
    return new PcapCopyWriter(write, link, snapLength, coarse);
  }

  record(line: string): void {
    const { writeBeside, leftOut } = this.#options;
    if (writeBeside === undefined) return leftOut.add("flow record", "flow records");
    this.#beginSidecar();
    writeBeside(`${line}\n`);
  }

  #beginSidecar(): void {
    const { writeBeside, interfaces, pseudonyms } = this.#options;
    if (this.#sidecarBegun || writeBeside === undefined) return;
    this.#sidecarBegun = true;
    const filter = pseudonyms === undefined ? interfaces().find((one) => one.filter !== undefined)?.filter : undefined;
    const header = { application: "Socklens", ...(filter !== undefined && { captureFilter: filter }) };
    writeBeside(sidecarHeaderLine(header, this.#time));
    for (const { name, addresses = [] } of interfaces()) {
      if (name === undefined) continue;
      const one =
        pseudonyms === undefined
          ? { name, addresses }
          : {
              name: interfacePseudonym(name, pseudonyms),
              addresses: addresses.flatMap((address) => pseudonyms.addressText(address) ?? []),
            };
      writeBeside(sidecarInterfaceLine(one, this.#time));
    }
  }

  statistics(_source: number, { accepted, dropped = 0 }: SidecarStatistics): void {
    this.#dropped += dropped;
    if (accepted !== undefined) this.#accepted = (this.#accepted ?? 0) + accepted;
  }

  flush(): void {
    this.#writer?.flush();
  }

  finish(frames: number): void {
    if (this.#writer === undefined) {
      const first = this.#options.interfaces()[0];
      this.#writer = this.#begin(first?.linkType ?? 1, []);
    }
    this.#writer.flush();
    if (!this.#sidecarBegun) return;
    for (const { statistics } of this.#options.interfaces()) {
      this.#dropped += (statistics?.dropped ?? 0) + (statistics?.systemDropped ?? 0);
      if (statistics?.accepted !== undefined) this.#accepted = (this.#accepted ?? 0) + statistics.accepted;
    }
    const accepted = this.#accepted === undefined ? {} : { accepted: this.#accepted };
    const statistics = { ...accepted, dropped: this.#dropped, delivered: frames };
    this.#options.writeBeside?.(sidecarStatisticsLine(statistics, this.#time));
  }

  get changedTimes(): number {
    return (this.#writer?.clampedTimes ?? 0) + (this.#writer?.roundedTimes ?? 0);
  }
}
