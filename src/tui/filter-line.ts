import type { Connection, Snapshot } from "../model/index.ts";
import { compile, complete, seenValues, type Completions, type Predicate, type QueryError } from "../query/index.ts";
import { LineEditor } from "./line-editor.ts";
import { fill, type Messages } from "./messages.ts";
import { mistakeText, type QueryWords } from "./query-words.ts";

/** Filters that are remembered. */
export const mostHistory = 100;

/** What completion offers at the cursor, and which of it stands in the line. */
export interface Popup {
  readonly completions: Completions;
  /** The text before anything was put in. */
  readonly typed: string;
  readonly cursor: number;
  /** -1: none is put in yet. */
  chosen: number;
}

/** The filter: the text in force and what it means, the line in which it is typed, completion, history. */
export class FilterLine {
  #text = "";
  #predicate: Predicate | undefined;
  #problem: QueryError | undefined;
  #editor: LineEditor | undefined;
  #before = "";
  #popup: Popup | undefined;
  readonly #history: string[];
  /** Counted from the newest; -1: not in the history. */
  #back = -1;
  #connections: readonly Connection[] = [];
  readonly #changed: () => void;
  readonly #meaning: (filter: string) => string;

  /**
   * `changed` is called when another filter holds. `history`: newest last. `meaning`: the filter that is meant by one in
   * which aliases of hidden names may stand.
   */
  constructor(changed: () => void, history: readonly string[] = [], meaning = (filter: string): string => filter) {
    this.#changed = changed;
    this.#meaning = meaning;
    this.#history = history.slice(-mostHistory);
  }

  /** The filter in force, "" when none; with a problem, the last one that had none still decides about rows. */
  get text(): string {
    return this.#text;
  }

  get predicate(): Predicate | undefined {
    return this.#predicate;
  }

  get problem(): QueryError | undefined {
    return this.#problem;
  }

  /** The input line while it is open. */
  get editor(): LineEditor | undefined {
    return this.#editor;
  }

  get popup(): Popup | undefined {
    return this.#editor === undefined ? undefined : this.#popup;
  }

  /** Filters that were applied, newest last. */
  get history(): readonly string[] {
    return this.#history;
  }

  /** Opens the line with the filter in force. The rows of `snapshot` are where values come from. */
  open(snapshot: Snapshot | undefined): void {
    this.#before = this.#text;
    this.#editor = new LineEditor(this.#text);
    this.#back = -1;
    this.#connections = snapshot?.connections ?? [];
    this.#popup = undefined;
  }

  /** Newer rows, for an open line. */
  seen(snapshot: Snapshot): void {
    if (this.#editor !== undefined) this.#connections = snapshot.connections;
  }

  /** Puts a filter in the place of the one in force and closes the line. */
  set(text: string): void {
    this.#close();
    this.#take(text);
  }

  #close(): void {
    this.#editor = undefined;
    this.#popup = undefined;
    this.#connections = [];
  }

  /** Mistakes are told about what was typed, whatever it means. */
  #compile(filter: string): ReturnType<typeof compile> {
    const typed = compile(filter);
    const meaning = this.#meaning(filter);
    return typed.ok && meaning !== filter ? compile(meaning) : typed;
  }

  #take(text: string): void {
    this.#text = text.trim() === "" ? "" : text;
    const query = this.#text === "" ? undefined : this.#compile(this.#text);
    if (query === undefined || query.ok) {
      this.#predicate = query?.predicate;
      this.#problem = undefined;
    } else {
      // The rows of the last good filter stay while one is being typed.
      this.#problem = query;
    }
    this.#changed();
  }

  /** Takes a key for the line; false when the key is for the table above it. */
  key(key: string): boolean {
    const editor = this.#editor;
    if (editor === undefined) return false;
    switch (key) {
      case "enter":
        this.#apply();
        return true;
      case "escape":
        this.#cancel(editor);
        return true;
      case "tab":
      case "shift-tab":
        this.#complete(editor, key === "tab" ? 1 : -1);
        return true;
      case "ctrl-p":
      case "ctrl-n":
        this.#recall(editor, key === "ctrl-p" ? 1 : -1);
        return true;
      case "up":
      case "down":
        return this.#arrow(editor, key === "up" ? -1 : 1);
      default:
        if (!editor.key(key)) return !["pageup", "pagedown", "ctrl-z", "ctrl-l"].includes(key);
        this.#edited(editor);
        return true;
    }
  }

  #edited(editor: LineEditor): void {
    this.#back = -1;
    this.#offer(editor);
    this.#take(editor.text);
  }

  /** In the popup and in the history arrows choose, else they move through the rows. */
  #arrow(editor: LineEditor, by: number): boolean {
    if (this.#popup !== undefined && this.#popup.chosen >= 0) this.#complete(editor, by);
    else if (editor.text === "" || this.#back >= 0) this.#recall(editor, -by);
    else return false;
    return true;
  }

  /** A filter with an error stays open at its error. */
  #apply(): void {
    if (this.#problem !== undefined) return;
    this.#remember(this.#text);
    this.#close();
  }

  /** First what completion put in goes, then the line. */
  #cancel(editor: LineEditor): void {
    const popup = this.#popup;
    if (popup !== undefined && popup.chosen >= 0) {
      editor.set(popup.typed, popup.cursor);
      this.#popup = undefined;
      this.#take(editor.text);
      return;
    }
    this.#close();
    this.#take(this.#before);
  }

  #remember(text: string): void {
    if (text === "") return;
    const known = this.#history.indexOf(text);
    if (known >= 0) this.#history.splice(known, 1);
    this.#history.push(text);
    if (this.#history.length > mostHistory) this.#history.shift();
  }

  #recall(editor: LineEditor, by: number): void {
    const back = Math.max(-1, Math.min(this.#history.length - 1, this.#back + by));
    if (back === this.#back) return;
    this.#back = back;
    const text = back < 0 ? "" : (this.#history[this.#history.length - 1 - back] ?? "");
    editor.set(text);
    this.#popup = undefined;
    this.#take(text);
  }

  #offer(editor: LineEditor): void {
    const { text, cursor } = editor;
    const word = text.slice(0, cursor);
    const completions = complete(text, cursor, seenValues(this.#connections));
    const whole =
      completions.items.length === 1 && completions.items[0]?.text === text.slice(completions.start, cursor);
    // At the beginning of a word everything fits: that is for who asks (Tab), not for who types.
    const asked = word !== "" && completions.start < cursor;
    const ofField = /[:=<>,]$/.test(word);
    this.#popup =
      completions.items.length === 0 || whole || !(asked || ofField)
        ? undefined
        : { completions, typed: text, cursor, chosen: -1 };
  }

  /** Puts the next offer into the line. */
  #complete(editor: LineEditor, by: number): void {
    let popup = this.#popup;
    if (popup === undefined) {
      const { text, cursor } = editor;
      const completions = complete(text, cursor, seenValues(this.#connections));
      if (completions.items.length === 0) return;
      popup = { completions, typed: text, cursor, chosen: -1 };
      this.#popup = popup;
    }
    const { items } = popup.completions;
    const from = popup.chosen < 0 && by < 0 ? 0 : popup.chosen;
    this.choose((from + by + items.length) % items.length);
    // The only one is what was meant; after a field come its values.
    if (items.length === 1) this.#offer(editor);
  }

  /** Puts the offer at `index` into the line. */
  choose(index: number): void {
    const popup = this.#popup;
    const item = popup?.completions.items[index];
    if (popup === undefined || item === undefined || this.#editor === undefined) return;
    popup.chosen = index;
    const { start, end } = popup.completions;
    const text = popup.typed.slice(0, start) + item.text + popup.typed.slice(end);
    this.#editor.set(text, start + item.text.length);
    this.#take(this.#editor.text);
  }

  paste(text: string): void {
    if (this.#editor === undefined) return;
    this.#editor.insert(text);
    this.#edited(this.#editor);
  }

  /** What is wrong with the filter, in words; undefined when nothing is. */
  problemText(messages: Messages, words: QueryWords | undefined): string | undefined {
    const problem = this.#problem;
    if (problem === undefined) return undefined;
    return fill(messages.filterError, { position: problem.position + 1, message: mistakeText(problem.problem, words) });
  }
}
