/** pcapng files written out block by block, in either byte order. */
import { hex } from "../wire/frames.ts";

export const ascii = (text: string): string => Buffer.from(text).toString("hex");

/** A writer of blocks in one byte order. */
export function blocksOf(little: boolean) {
  const number = (value: number | bigint, length: 2 | 4 | 8): string => {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigUint64(0, BigInt(value), little);
    const all = Buffer.from(bytes.buffer).toString("hex");
    return little ? all.slice(0, length * 2) : all.slice(16 - length * 2);
  };
  const u16 = (value: number): string => number(value, 2);
  const u32 = (value: number): string => number(value, 4);
  const u64 = (value: number): string => number(value, 8);
  const padded = (text: string): string => text + "00".repeat(-hex(text).length & 3);
  const option = (code: number, value: string): string => u16(code) + u16(hex(value).length) + padded(value);
  const end = "00000000";
  const block = (type: number, body: string): string => {
    const length = u32(12 + hex(body).length);
    return u32(type) + length + body + length;
  };
  /** A time in its two halves, the upper first. */
  const time = (ticks: number): string => u32(Math.floor(ticks / 2 ** 32)) + u32(ticks % 2 ** 32);
  return {
    u16,
    u32,
    u64,
    option,
    end,
    block,
    padded,
    time,
    section: (options = ""): string => block(0x0a0d0d0a, u32(0x1a2b3c4d) + u16(1) + u16(0) + "ff".repeat(8) + options),
    interface: (link: number, options = ""): string => block(1, u16(link) + u16(0) + u32(65_535) + options),
    packet: (number: number, ticks: number, frame: string, options = ""): string => {
      const length = u32(hex(frame).length);
      return block(6, u32(number) + time(ticks) + length + length + padded(frame) + options);
    },
    statistics: (number: number, ticks: number, options = ""): string => block(5, u32(number) + time(ticks) + options),
    custom: (enterprise: number, data: string, type = 0x0bad): string => block(type, u32(enterprise) + padded(data)),
    secrets: (text: string): string => block(10, u32(0x544c_534b) + u32(text.length) + padded(ascii(text))),
    names: (records: readonly (readonly [number, string])[], options = ""): string =>
      block(4, records.map(([type, value]) => option(type, value)).join("") + end + options),
  };
}

/** Bytes of a file. */
export const fileOf = (...blocks: readonly string[]): Uint8Array => hex(...blocks);
