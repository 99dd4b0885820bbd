/** Terminals refuse long ones, and a paste of that size is nobody's wish. */
const limit = 8 * 1024;

/**
 * What of `text` goes into a clipboard: control characters are taken out, because what is copied from a hostile name
 * must not act when it is pasted into a shell.
 */
export const clipboardText = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "").slice(0, limit);

/**
 * OSC 52: asks the terminal to put `text` into the clipboard, also over SSH. tmux is asked for itself (which it heeds
 * with `set-clipboard on`) and to pass it on (with `allow-passthrough on`: DCS "tmux;", every ESC doubled).
 */
export function clipboardSequence(text: string, tmux: boolean): string {
  const sequence = `\x1b]52;c;${Buffer.from(text, "utf8").toString("base64")}\x07`;
  return tmux ? `${sequence}\x1bPtmux;${sequence.replaceAll("\x1b", "\x1b\x1b")}\x1b\\` : sequence;
}
