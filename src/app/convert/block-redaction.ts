/** What of pcapng's blocks may be given away: options that are known to be harmless, addresses and names as pseudonyms. */
import { encodeUtf8, utf8Text } from "../../bytes/index.ts";
import type { OptionToWrite } from "../../files/index.ts";
import type { Pseudonyms } from "../../redact/index.ts";
import { commentOption } from "./block-options.ts";
import type { LeftOut } from "./left-out.ts";
import { interfacePseudonym } from "./record-redaction.ts";

const longestName = 255;

export class BlockRedaction {
  readonly #pseudonyms: Pseudonyms;
  readonly #leftOut: LeftOut;

  constructor(pseudonyms: Pseudonyms, leftOut: LeftOut) {
    this.#pseudonyms = pseudonyms;
    this.#leftOut = leftOut;
  }

  /** Options of an interface: its name, addresses, speeds and the frame check sequence. */
  interface(options: readonly OptionToWrite[]): OptionToWrite[] {
    return this.#take(options, (code, value) => {
      switch (code) {
        case 2:
          return encodeUtf8(interfacePseudonym(utf8Text(value, 0, value.length, longestName), this.#pseudonyms));
        case 4:
          if (value.length !== 8) return undefined;
          this.#pseudonyms.ipv4(value, 0);
          return value;
        case 5:
          if (value.length !== 17) return undefined;
          this.#pseudonyms.ipv6(value, 0);
          return value;
        case 6:
          if (value.length !== 6) return undefined;
          this.#pseudonyms.mac(value, 0);
          return value;
        case 9: // resolution of its times
        case 13: // length of the frame check sequence
          return value.length === 1 ? value : undefined;
        case 8: // speed
        case 14: // offset of its times
        case 16: // speeds of transmission and reception
        case 17:
          return value.length === 8 ? value : undefined;
        default:
          return undefined;
      }
    });
  }

  /** Options of statistics: times and counters. */
  statistics(options: readonly OptionToWrite[]): OptionToWrite[] {
    return this.#take(options, (code, value) => (code >= 2 && code <= 8 && value.length === 8 ? value : undefined));
  }

  /** Records of names: IPv4 (1), IPv6 (2) and hardware (3) addresses, each with names that end with a zero byte. */
  names(records: readonly OptionToWrite[]): OptionToWrite[] {
    return records.flatMap(([code, value]): OptionToWrite[] => {
      const length = code === 1 ? 4 : code === 2 ? 16 : code === 3 ? 6 : 0;
      if (length === 0 || value.length <= length) {
        this.#leftOut.add("name", "names");
        return [];
      }
      const address = value.slice(0, length);
      if (length === 6) this.#pseudonyms.mac(address, 0);
      else this.#pseudonyms.address(address, 0, length);
      const names = utf8Text(value, length, value.length)
        .split("\0")
        .filter((name) => name !== "")
        .map((name) => encodeUtf8(`${this.#pseudonyms.host(name)}\0`));
      return [[code, Uint8Array.from([...address, ...names.flatMap((name) => [...name])])]];
    });
  }

  #take(
    options: readonly OptionToWrite[],
    keep: (code: number, value: Uint8Array) => Uint8Array | undefined,
  ): OptionToWrite[] {
    const kept: OptionToWrite[] = [];
    for (const [code, value] of options) {
      const changed = keep(code, value);
      if (changed !== undefined) kept.push([code, changed]);
      else countOption(this.#leftOut, code);
    }
    return kept;
  }
}

/** True: an option of a frame is one of its numbers: flags, drops before it, its number, its queue. */
export const isNumberOfFrame = (code: number, length: number): boolean =>
  code === 2 || code === 6 ? length === 4 : (code === 4 || code === 5) && length === 8;

/** A comment is told by its name. */
export function countOption(leftOut: LeftOut, code: number): void {
  if (code === commentOption) leftOut.add("comment", "comments");
  else leftOut.add("option", "options");
}
