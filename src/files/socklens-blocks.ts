/** What Socklens writes into pcapng beside what the format itself has: docs/FORMAT.md describes it. */

/**
 * Private enterprise number of custom blocks and options. 32473 is the number for documentation (RFC 5612): Socklens has
 * none of its own, so every custom block of it begins with `magic`, and a reference alone means nothing without one.
 */
export const enterpriseNumber = 32_473;

/** Custom option with binary data, may be copied (draft-ietf-opsawg-pcapng section 3.5.1). */
export const customOption = 2989;

/** Bytes of a packet's reference to its flow record. */
export const flowReferenceLength = 4;

/** The first bytes of a custom block of Socklens. */
export const magic = "SOCKLENS";

/** Kinds of custom blocks, in the two bytes after the magic (little-endian). 1: flow records, JSON lines in UTF-8. */
export const flowRecordsKind = 1;

/** The data of a custom block that holds flow records: magic, kind, two zero bytes, text, and line feeds as padding. */
export function flowRecordsBlock(text: Uint8Array): Uint8Array {
  const block = new Uint8Array((12 + text.length + 3) & ~3).fill(0x0a);
  for (let index = 0; index < magic.length; index++) block[index] = magic.charCodeAt(index);
  block[8] = flowRecordsKind;
  block[9] = 0;
  block[10] = 0;
  block[11] = 0;
  block.set(text, 12);
  return block;
}

/** The text of a custom block of flow records; undefined when it is none. */
export function flowRecordsIn(data: Uint8Array): Uint8Array | undefined {
  if (data.length < 12 || data[8] !== flowRecordsKind || data[9] !== 0) return undefined;
  for (let index = 0; index < magic.length; index++) if (data[index] !== magic.charCodeAt(index)) return undefined;
  return data.subarray(12);
}
