/** Takes addresses and names out of frames: pseudonyms, the same ones for the same values. */
export { FrameRedactor, type RedactionOptions } from "./frame-redactor.ts";
export { headersEnd } from "./headers-end.ts";
export type { BlockCipher } from "./permutation.ts";
export { type PseudonymKey, type PseudonymMode, Pseudonyms } from "./pseudonyms.ts";
