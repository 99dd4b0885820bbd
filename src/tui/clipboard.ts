/** Terminals refuse long ones, and a paste of that size is nobody's wish. */
const limit = 8 * 1024;

/**
 * What of `text` goes into a clipboard: control characters are taken out, because what is copied from a hostile name
 * must not act when it is pasted into a shell.
 */
export const clipboardText = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "").slice(0, limit);

/** A program between us and the terminal that passes on only what is marked for it. */
export type Multiplexer = "tmux" | "screen";

/** GNU screen takes no longer piece at a time. */
const screenPiece = 700;

/**
 * OSC 52: asks the terminal to put `text` into the clipboard, also over SSH. tmux is asked for itself (which it heeds
 * with `set-clipboard on`) and to pass it on (with `allow-passthrough on`: DCS "tmux;", every ESC doubled); screen
 * passes on every DCS.
 */
export function clipboardSequence(text: string, multiplexer?: Multiplexer): string {
  const sequence = `\x1b]52;c;${Buffer.from(text, "utf8").toString("base64")}\x07`;
  if (multiplexer === "tmux") {
    return `${sequence}\x1bPtmux;${sequence.replaceAll("\x1b", "\x1b\x1b")}\x1b\\`;
  }
  if (multiplexer === undefined) return sequence;
  let out = "";
  for (let at = 0; at < sequence.length; at += screenPiece) out += `\x1bP${sequence.slice(at, at + screenPiece)}\x1b\\`;
  return out;
}

/** The multiplexer that the environment names. */
export function detectMultiplexer(environment: Readonly<Record<string, string | undefined>>): Multiplexer | undefined {
  if ((environment["TMUX"] ?? "") !== "") return "tmux";
  return (environment["STY"] ?? "") !== "" ? "screen" : undefined;
}
