const lengthLimit = 1024;

/** One line of text with a cursor, in code points. */
export class LineEditor {
  #characters: string[] = [];
  #cursor = 0;

  constructor(text = "") {
    this.set(text);
  }

  /** Another text; the cursor at `cursor` in UTF-16 code units, or at the end. */
  set(text: string, cursor = text.length): void {
    this.#characters = Array.from(text).slice(0, lengthLimit);
    this.#cursor = Math.min(this.#characters.length, Array.from(text.slice(0, cursor)).length);
  }

  /** Where the cursor stands, in UTF-16 code units. */
  get cursor(): number {
    return this.#characters.slice(0, this.#cursor).join("").length;
  }

  get text(): string {
    return this.#characters.join("");
  }

  /** The text around the cursor; `at` is empty at the end of the line. */
  parts(): { before: string; at: string; after: string } {
    return {
      before: this.#characters.slice(0, this.#cursor).join(""),
      at: this.#characters[this.#cursor] ?? "",
      after: this.#characters.slice(this.#cursor + 1).join(""),
    };
  }

  /** Puts text in at the cursor; line ends and controls become spaces. */
  insert(text: string): void {
    const clean = Array.from(text.slice(0, lengthLimit * 2)).map((character) =>
      /\p{Cc}/u.test(character) ? " " : character,
    );
    const added = clean.slice(0, Math.max(0, lengthLimit - this.#characters.length));
    this.#characters.splice(this.#cursor, 0, ...added);
    this.#cursor += added.length;
  }

  /** Handles an editing key; false when the key is none. */
  key(key: string): boolean {
    switch (key) {
      case "left":
      case "ctrl-b":
        this.#cursor = Math.max(0, this.#cursor - 1);
        return true;
      case "right":
      case "ctrl-f":
        this.#cursor = Math.min(this.#characters.length, this.#cursor + 1);
        return true;
      case "home":
      case "ctrl-a":
        this.#cursor = 0;
        return true;
      case "end":
      case "ctrl-e":
        this.#cursor = this.#characters.length;
        return true;
      case "backspace":
        if (this.#cursor > 0) this.#characters.splice(--this.#cursor, 1);
        return true;
      case "delete":
      case "ctrl-d":
        this.#characters.splice(this.#cursor, 1);
        return true;
      case "ctrl-u":
        this.#characters.splice(0, this.#cursor);
        this.#cursor = 0;
        return true;
      case "ctrl-k":
        this.#characters.splice(this.#cursor);
        return true;
      case "ctrl-w":
        this.#deleteWord();
        return true;
      case "space":
        this.insert(" ");
        return true;
      default:
        if (Array.from(key).length !== 1) return false;
        this.insert(key);
        return true;
    }
  }

  #deleteWord(): void {
    let from = this.#cursor;
    while (from > 0 && this.#characters[from - 1] === " ") from--;
    while (from > 0 && this.#characters[from - 1] !== " ") from--;
    this.#characters.splice(from, this.#cursor - from);
    this.#cursor = from;
  }
}
