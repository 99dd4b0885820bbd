/** The secret of a redaction, and what follows from it, by Node's own cryptography. */
import { createCipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import type { BlockCipher, PseudonymKey } from "../../redact/index.ts";

/** A secret that nobody knows after the run: pseudonyms of another run are others. */
export const randomSecret = (): Uint8Array => randomBytes(32);

/** Keys for every purpose out of one secret (HKDF with SHA-256, RFC 5869). */
export function pseudonymKey(secret: Uint8Array): PseudonymKey {
  const derive = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync("sha256", secret, "socklens redaction", purpose, 16));
  const digests = new Map<string, Uint8Array>();
  return {
    cipher: (purpose) => aes128(derive(`cipher ${purpose}`)),
    digest(purpose, text) {
      let key = digests.get(purpose);
      if (key === undefined) digests.set(purpose, (key = derive(`digest ${purpose}`)));
      return createHmac("sha256", key).update(text, "utf8").digest("hex");
    },
  };
}

/** AES-128 in ECB: one object for the whole run, since each block is encrypted by itself. */
function aes128(key: Uint8Array): BlockCipher {
  const cipher = createCipheriv("aes-128-ecb", key, null);
  cipher.setAutoPadding(false);
  return { encrypt: (blocks) => cipher.update(blocks) };
}
