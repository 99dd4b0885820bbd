/** What a terminal or a reader may take for a command: controls, direction changes, line separators, lone surrogates. */
const hostile = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const isTame = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

function escapeOne(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

/** `text` with everything that could command a terminal written as `\x1b` or `\u{202e}`; stays on one line. */
export const escapeText = (text: string): string => (isTame(text) ? text : text.replace(hostile, escapeOne));
