/** Bytes of a key file: fewer could be guessed, more are no key. Apart from the keys: the broker needs no cryptography. */
export const redactionKeyBytes = { least: 16, most: 65_536 } as const;
