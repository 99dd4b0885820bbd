import { createCipheriv, createDecipheriv, createHmac, hash } from "node:crypto";
import type { Cryptography } from "../dissect/index.ts";

const tagLength = 16;
const noIv = null;

function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** HKDF-Expand, RFC 5869 section 2.3. */
function expand(secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  let filled = 0;
  for (let counter = 1; filled < length; counter++) {
    block = hmacSha256(secret, block, info, Uint8Array.of(counter));
    const part = block.subarray(0, Math.min(block.length, length - filled));
    out.set(part, filled);
    filled += part.length;
  }
  return out;
}

/** What dissection needs of cryptography, by Node's own. Keys and lengths are the caller's to bound. */
export const cryptography: Cryptography = {
  hkdfExtractSha256: (salt, key) => hmacSha256(salt, key),

  hkdfExpandLabelSha256(secret, label, length) {
    const name = Buffer.from(`tls13 ${label}`, "latin1");
    const info = Uint8Array.of(length >> 8, length & 0xff, name.length, ...name, 0);
    return expand(secret, info, length);
  },

  aes128EcbBlock(key, block) {
    const cipher = createCipheriv("aes-128-ecb", key, noIv);
    cipher.setAutoPadding(false);
    return cipher.update(block);
  },

  aes128GcmOpen(key, nonce, additional, sealed) {
    if (sealed.length < tagLength) return undefined;
    const decipher = createDecipheriv("aes-128-gcm", key, nonce, { authTagLength: tagLength });
    decipher.setAAD(additional);
    decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
    const opened = decipher.update(sealed.subarray(0, sealed.length - tagLength));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return opened;
  },

  md5Hex: (text) => hash("md5", text),
  sha256Hex: (text) => hash("sha256", text),
};
