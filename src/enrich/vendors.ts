/**
 * Makers of network cards by the first 24 bits of their addresses, from the list that the distribution has installed: IEEE's
 * own (packages ieee-data, hwdata) or Wireshark's. Without one nobody is named.
 */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";

const files = [
  "/usr/share/ieee-data/oui.txt",
  "/usr/share/hwdata/oui.txt",
  "/usr/share/misc/oui.txt",
  "/usr/share/wireshark/manuf",
];
const largestFile = 32 * 1024 * 1024;
const longestName = 40;

/** "00-00-0C   (hex)\t\tCisco Systems, Inc" or "00:00:0C\tCisco\tCisco Systems, Inc". */
const line =
  /^([0-9A-Fa-f]{2})[-:]([0-9A-Fa-f]{2})[-:]([0-9A-Fa-f]{2})(?:\s+\(hex\)\s+|\t)([^\t\r\n]+)(?:\t([^\r\n]+))?/gm;

/** Names by address prefix, from the text of a list. */
export function parseVendors(text: string): ReadonlyMap<number, string> {
  const vendors = new Map<number, string>();
  for (const [, first, second, third, short, long] of text.matchAll(line)) {
    const prefix = Number.parseInt(`${first}${second}${third}`, 16);
    if (!vendors.has(prefix)) vendors.set(prefix, (long ?? short ?? "").trim().slice(0, longestName));
  }
  return vendors;
}

function readList(paths: readonly string[]): ReadonlyMap<number, string> {
  for (const path of paths) {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, "r");
      const { size } = fstatSync(descriptor);
      if (size > 0 && size <= largestFile) return parseVendors(readFileSync(descriptor, "utf8"));
    } catch {
      // Not installed.
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }
  return new Map();
}

/** The maker of the card with this address ("00:00:0c:12:34:56"). The list is read when it is first asked. */
export function createVendorLookup(paths: readonly string[] = files): (mac: string) => string | undefined {
  let vendors: ReadonlyMap<number, string> | undefined;
  return (mac) => {
    const match = /^([0-9a-f]{2}):([0-9a-f]{2}):([0-9a-f]{2})(?::[0-9a-f]{2}){3}$/i.exec(mac);
    if (match === null) return undefined;
    // Addresses that were made up on the spot have no maker (IEEE 802, the locally administered bit).
    if ((Number.parseInt(match[1]!, 16) & 2) !== 0) return undefined;
    vendors ??= readList(paths);
    return vendors.get(Number.parseInt(`${match[1]}${match[2]}${match[3]}`, 16));
  };
}
