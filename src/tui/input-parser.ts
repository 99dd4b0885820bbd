/**
 * Bytes of a terminal to keys, mouse and pastes. Bounded whatever comes: a control sequence holds at most 64 bytes, a
 * paste 64 KiB (the rest is dropped, never taken for keys). Sequences may be split anywhere; only a lone ESC needs
 * time to tell (`pendingEscape`), everything else waits for its next byte.
 */
export interface KeyEvent {
  readonly kind: "key";
  /** "q", "S", "é", "enter", "ctrl-c", "alt-x", "shift-tab", "pageup", "f1", ... */
  readonly key: string;
}

export interface MouseEvent {
  readonly kind: "mouse";
  readonly action: "press" | "release" | "drag" | "wheelup" | "wheeldown";
  readonly button: number;
  /** Cell, from 0. */
  readonly x: number;
  readonly y: number;
}

export interface PasteEvent {
  readonly kind: "paste";
  readonly text: string;
}

/** An answer of the terminal to a question of ours. */
export interface ReportEvent {
  readonly kind: "report";
  readonly report:
    | { readonly what: "background"; readonly rgb: number }
    /** DECRPM: how a DEC private mode is set; 0 is not known to the terminal, 4 is off for good. */
    | { readonly what: "mode"; readonly mode: number; readonly setting: number }
    /** The terminal speaks the kitty keyboard protocol. */
    | { readonly what: "keyboard"; readonly flags: number };
}

export type InputEvent = KeyEvent | MouseEvent | PasteEvent | ReportEvent;

const sequenceLimit = 64;
const pasteLimit = 64 * 1024;
const pasteEnd = [0x1b, 0x5b, 0x32, 0x30, 0x31, 0x7e]; // ESC [ 2 0 1 ~

const finals: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "begin",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};

const tildes: Readonly<Record<number, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

/** Functional keys that have no other sequence (kitty keyboard protocol, "Functional key definitions"): the keypad's. */
const keypad: Readonly<Record<number, string>> = {
  57409: ".",
  57410: "/",
  57411: "*",
  57412: "-",
  57413: "+",
  57414: "enter",
  57415: "=",
  57417: "left",
  57418: "right",
  57419: "up",
  57420: "down",
  57421: "pageup",
  57422: "pagedown",
  57423: "home",
  57424: "end",
  57425: "insert",
  57426: "delete",
};

const named: Readonly<Record<number, string>> = {
  0: "ctrl-space",
  8: "backspace",
  9: "tab",
  10: "enter",
  13: "enter",
  27: "escape",
  32: "space",
  127: "backspace",
};

type State = "ground" | "escape" | "control" | "single" | "string" | "stringEscape" | "linux" | "paste";

export class InputParser {
  readonly #emit: (event: InputEvent) => void;
  #state: State = "ground";
  #sequence = "";
  #overflow = false;
  #paste: number[] = [];
  #pasteMatched = 0;
  #utf8: number[] = [];
  #utf8Need = 0;

  constructor(emit: (event: InputEvent) => void) {
    this.#emit = emit;
  }

  /** True: the last byte was an ESC that may be the Escape key or begin a sequence; `flush` decides for the key. */
  get pendingEscape(): boolean {
    return this.#state === "escape";
  }

  feed(bytes: Uint8Array): void {
    for (const byte of bytes) this.#byte(byte);
  }

  /** No more came for a while: a lone ESC was the Escape key. */
  flush(): void {
    if (this.#state !== "escape") return;
    this.#state = "ground";
    this.#key("escape");
  }

  #key(key: string): void {
    this.#emit({ kind: "key", key });
  }

  #byte(byte: number): void {
    switch (this.#state) {
      case "ground":
        this.#ground(byte, "");
        return;
      case "escape":
        this.#escape(byte);
        return;
      case "control":
        this.#control(byte);
        return;
      case "single":
        this.#state = "ground";
        if (byte >= 0x40 && byte < 0x7f) this.#single(byte);
        else if (byte === 0x1b) this.#state = "escape";
        return;
      case "linux":
        // The Linux console sends ESC [ [ A for F1.
        this.#state = "ground";
        if (byte >= 0x41 && byte <= 0x45) this.#key(`f${byte - 0x40}`);
        return;
      case "string":
        if (byte === 0x07 || byte === 0x9c) this.#endString();
        else if (byte === 0x1b) this.#state = "stringEscape";
        else if (byte === 0x03) this.#interrupt();
        else if (this.#sequence.length < sequenceLimit) this.#sequence += String.fromCharCode(byte);
        else this.#overflow = true;
        return;
      case "stringEscape":
        this.#state = "ground";
        if (byte === 0x5c) this.#endString();
        else this.#escape(byte);
        return;
      case "paste":
        this.#pasteByte(byte);
        return;
    }
  }

  #ground(byte: number, modifier: string): void {
    if (this.#utf8Need > 0) {
      if ((byte & 0xc0) === 0x80) {
        this.#utf8.push(byte);
        if (--this.#utf8Need === 0) this.#flushUtf8(modifier);
        return;
      }
      this.#utf8Need = 0;
      this.#utf8 = [];
    }
    if (byte === 0x1b) {
      this.#state = "escape";
    } else if (byte < 0x20 || byte === 0x7f || byte === 0x20) {
      const name = named[byte] ?? `ctrl-${String.fromCharCode(byte < 27 ? byte + 0x60 : byte + 0x40)}`;
      this.#key(modifier + name);
    } else if (byte < 0x80) {
      this.#key(modifier + String.fromCharCode(byte));
    } else if (byte >= 0xc2 && byte < 0xf5) {
      this.#utf8 = [byte];
      this.#utf8Need = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    }
  }

  #flushUtf8(modifier: string): void {
    const text = Buffer.from(this.#utf8).toString("utf8");
    this.#utf8 = [];
    // C1 controls and what was no character are not keys.
    if (text.length > 0 && text !== "\ufffd" && !/^[\p{Cc}\p{Cs}\ufffd]/u.test(text)) this.#key(modifier + text);
  }

  #escape(byte: number): void {
    this.#state = "ground";
    this.#utf8Need = 0;
    if (byte === 0x5b) {
      this.#state = "control";
      this.#sequence = "";
      this.#overflow = false;
    } else if (byte === 0x4f) {
      this.#state = "single";
    } else if (byte === 0x5d || byte === 0x50 || byte === 0x5f || byte === 0x5e || byte === 0x58) {
      this.#state = "string"; // OSC, DCS, APC, PM, SOS: answers to questions we may have asked
      this.#sequence = "";
      this.#overflow = byte !== 0x5d; // only an OSC may answer one of ours
    } else if (byte === 0x1b) {
      this.#state = "escape";
      this.#key("escape");
    } else if (byte < 0x80) {
      this.#ground(byte, "alt-");
    }
  }

  #endString(): void {
    this.#state = "ground";
    const match = this.#overflow ? null : /^11;rgba?:([\da-f]+)\/([\da-f]+)\/([\da-f]+)/i.exec(this.#sequence);
    if (match === null) return;
    // Each part has as many digits as the terminal likes.
    const part = (digits = "0"): number => Math.round((Number.parseInt(digits, 16) / (16 ** digits.length - 1)) * 255);
    const rgb = (part(match[1]) << 16) | (part(match[2]) << 8) | part(match[3]);
    this.#emit({ kind: "report", report: { what: "background", rgb } });
  }

  #privateAnswer(parameters: string, final: string): void {
    const mode = final === "y" ? /^\?(\d{1,5});(\d)\$$/.exec(parameters) : null;
    const flags = final === "u" ? /^\?(\d{1,4})$/.exec(parameters) : null;
    if (mode !== null) {
      this.#emit({ kind: "report", report: { what: "mode", mode: Number(mode[1]), setting: Number(mode[2]) } });
    } else if (flags !== null) {
      this.#emit({ kind: "report", report: { what: "keyboard", flags: Number(flags[1]) } });
    }
  }

  #interrupt(): void {
    this.#state = "ground";
    this.#key("ctrl-c");
  }

  #single(byte: number): void {
    const name = finals[String.fromCharCode(byte)];
    if (name !== undefined) this.#key(name);
    else if (byte === 0x4d) this.#key("enter");
  }

  #control(byte: number): void {
    if (byte === 0x1b) {
      this.#state = "escape";
    } else if (byte === 0x5b && this.#sequence === "") {
      this.#state = "linux";
    } else if (byte >= 0x40 && byte < 0x7f) {
      this.#state = "ground";
      if (!this.#overflow) this.#dispatch(this.#sequence, String.fromCharCode(byte));
    } else if (byte >= 0x20 && byte < 0x40) {
      if (this.#sequence.length < sequenceLimit) this.#sequence += String.fromCharCode(byte);
      else this.#overflow = true;
    } else {
      this.#state = "ground";
      this.#ground(byte, "");
    }
  }

  #dispatch(parameters: string, final: string): void {
    if (parameters.startsWith("<") && (final === "M" || final === "m")) {
      this.#mouse(parameters.slice(1), final === "M");
      return;
    }
    if (/[^0-9;:]/.test(parameters)) {
      this.#privateAnswer(parameters, final);
      return;
    }
    const numbers = parameters.split(";").map((part) => Number.parseInt(part, 10));
    const first = numbers[0] ?? Number.NaN;
    const modifier = modifierName(numbers[1]);
    if (final === "~") {
      if (first === 200) this.#beginPaste();
      else if (first === 27) this.#codeKey(numbers[2], modifier);
      else if (tildes[first] !== undefined) this.#key(modifier + tildes[first]);
    } else if (final === "u") {
      this.#codeKey(first, modifier);
    } else if (final === "Z") {
      this.#key("shift-tab");
    } else if (finals[final] !== undefined) {
      this.#key(modifier + finals[final]);
    }
  }

  /** A key as its code point: kitty's "CSI u" and xterm's modifyOtherKeys. */
  #codeKey(code: number | undefined, modifier: string): void {
    const functional = code === undefined ? undefined : keypadKey(code);
    if (functional !== undefined) {
      this.#key(modifier + functional);
      return;
    }
    if (code === undefined || !(code >= 0 && code <= 0x10_ffff) || (code >= 0xd800 && code < 0xf900)) return;
    const name = named[code] ?? String.fromCodePoint(code);
    if (code < 32 && named[code] === undefined) return;
    if (code >= 0x80 && code < 0xa0) return;
    if (modifier === "shift-" && code > 32 && code < 127) this.#key(name.toUpperCase());
    else this.#key(modifier + name);
  }

  #mouse(parameters: string, down: boolean): void {
    const match = /^(\d{1,4});(\d{1,5});(\d{1,5})$/.exec(parameters);
    if (match === null) return;
    const code = Number(match[1]);
    const x = Number(match[2]) - 1;
    const y = Number(match[3]) - 1;
    if (x < 0 || y < 0) return;
    const button = code & 3;
    if ((code & 64) !== 0) {
      if (down && button < 2)
        this.#emit({ kind: "mouse", action: button === 0 ? "wheelup" : "wheeldown", button, x, y });
      return;
    }
    const action = (code & 32) !== 0 ? "drag" : down ? "press" : "release";
    this.#emit({ kind: "mouse", action, button, x, y });
  }

  #beginPaste(): void {
    this.#state = "paste";
    this.#paste = [];
    this.#pasteMatched = 0;
  }

  #pasteByte(byte: number): void {
    if (byte === pasteEnd[this.#pasteMatched]) {
      if (++this.#pasteMatched === pasteEnd.length) this.#endPaste();
      return;
    }
    for (let i = 0; i < this.#pasteMatched; i++) this.#keepPasted(pasteEnd[i] ?? 0);
    this.#pasteMatched = 0;
    if (byte === pasteEnd[0]) this.#pasteMatched = 1;
    else if (byte === 0x03) {
      // A way out when the end mark was lost; terminals do not paste this byte.
      this.#endPaste();
      this.#key("ctrl-c");
    } else this.#keepPasted(byte);
  }

  #keepPasted(byte: number): void {
    if (this.#paste.length < pasteLimit) this.#paste.push(byte);
  }

  #endPaste(): void {
    this.#state = "ground";
    const text = Buffer.from(this.#paste).toString("utf8");
    this.#paste = [];
    this.#emit({ kind: "paste", text });
  }
}

const keypadKey = (code: number): string | undefined =>
  code >= 57_399 && code <= 57_408 ? String(code - 57_399) : keypad[code];

/** xterm's modifier parameter: 1 + (1 shift, 2 alt, 4 control). */
function modifierName(parameter: number | undefined): string {
  const bits = parameter === undefined || Number.isNaN(parameter) ? 0 : (parameter - 1) & 7;
  return `${(bits & 4) !== 0 ? "ctrl-" : ""}${(bits & 2) !== 0 ? "alt-" : ""}${(bits & 1) !== 0 ? "shift-" : ""}`;
}
