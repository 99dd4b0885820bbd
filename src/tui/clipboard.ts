/** Terminals refuse long ones, and a paste of that size is nobody's wish. */
const limit = 8 * 1024;

/**
 * OSC 52: asks the terminal to put `text` into the clipboard, also over SSH. Control characters are taken out first:
 * what is copied from a hostile name must not act when it is pasted into a shell.
 */
export function clipboardSequence(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "").slice(0, limit);
  return `\x1b]52;c;${Buffer.from(clean, "utf8").toString("base64")}\x07`;
}
