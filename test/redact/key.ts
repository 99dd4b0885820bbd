import { createHash } from "node:crypto";
import { pseudonymKey } from "../../src/app/convert/redaction-key.ts";
import { type PseudonymMode, Pseudonyms } from "../../src/redact/index.ts";

/** Pseudonyms of one of the keys that tests have. */
export const pseudonyms = (mode: PseudonymMode, key = 1): Pseudonyms =>
  new Pseudonyms(pseudonymKey(createHash("sha256").update(`test ${key}`).digest()), mode);
