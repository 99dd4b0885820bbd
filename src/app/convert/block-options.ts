/** Options and records of pcapng blocks as values that can be written again: copies, numbers in little-endian order. */
import { eachOption, type OptionToWrite, turnEnterprise } from "../../files/index.ts";

export const blockType = {
  section: 0x0a0d0d0a,
  interface: 1,
  names: 4,
  statistics: 5,
  secrets: 10,
  custom: 0x0bad,
  customNotCopied: 0x4000_0bad,
} as const;

export const commentOption = 1;

const isCustomOption = (code: number): boolean => code === 2988 || code === 2989 || code === 19_372 || code === 19_373;

/** Options that are one number: speeds and the time zone of an interface; the counters of statistics. */
const numbers: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [blockType.interface, new Set([8, 10, 14, 16, 17])],
  [blockType.statistics, new Set([4, 5, 6, 7, 8])],
]);
/** Times, whose upper half stands first in either order: when counting began and ended. */
const times: ReadonlySet<number> = new Set([2, 3]);

/** The options of a block of `type` in `bytes[start, end)`. What does not fit ends them. */
export function readOptions(
  type: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  littleEndian: boolean,
): OptionToWrite[] {
  const options: OptionToWrite[] = [];
  eachOption(bytes, start, end, littleEndian, (code, value, length) => {
    const copy = bytes.slice(value, value + length);
    if (!littleEndian) turn(type, code, copy);
    options.push([code, copy]);
  });
  return options;
}

function turn(type: number, code: number, value: Uint8Array): void {
  if (isCustomOption(code)) turnEnterprise(value);
  else if (numbers.get(type)?.has(code) === true) value.reverse();
  else if (type === blockType.statistics && times.has(code) && value.length === 8) {
    value.subarray(0, 4).reverse();
    value.subarray(4, 8).reverse();
  }
}

/** Records of a name resolution block, and where its options begin. */
export function readNames(
  bytes: Uint8Array,
  start: number,
  end: number,
  littleEndian: boolean,
): { readonly records: OptionToWrite[]; readonly optionsAt: number } {
  const records: OptionToWrite[] = [];
  let at = start;
  eachOption(bytes, start, end, littleEndian, (code, value, length) => {
    records.push([code, bytes.slice(value, value + length)]);
    at = value + ((length + 3) & ~3);
  });
  // The record that ends them has no value.
  return { records, optionsAt: at + 4 };
}

/** Records or options with the one that ends them. */
export function optionBytes(options: readonly OptionToWrite[]): Uint8Array {
  const bytes = new Uint8Array(options.reduce((sum, [, value]) => sum + 4 + ((value.length + 3) & ~3), 4));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [code, value] of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + ((value.length + 3) & ~3);
  }
  return bytes;
}
