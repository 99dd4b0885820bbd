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
