import type { Connection, Snapshot } from "../model/index.ts";
import { compile, type Predicate, type QueryError } from "../query/index.ts";
import { formatEndpoint } from "./cell-text.ts";
import { columns, type Column, type ColumnId } from "./columns.ts";
import { formatCount } from "./format.ts";
import type { Scroll } from "./frame-encoder.ts";
import type { MouseEvent } from "./input-parser.ts";
import { keyLabel, type Command } from "./keys.ts";
import { LineEditor } from "./line-editor.ts";
import { fill, type Messages } from "./messages.ts";
import { drawOverview } from "./overview.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { TabHost, TabScreen } from "./tab-screen.ts";
import { TableView } from "./table-view.ts";
import { drawFilterLine } from "./widgets/footer.ts";
import type { Paint, Rectangle, Span, Target } from "./widgets/paint.ts";

type Selection =
  | { readonly kind: "connection"; readonly id: number }
  | { readonly kind: "group"; readonly key: string };

const defaultSort: ColumnId = "rxRate";

const columnOf = (id: ColumnId): Column => {
  const found = columns.find((column) => column.id === id);
  if (found === undefined) throw new Error(`column ${id} is not in the table of columns`);
  return found;
};

/** Numbers are looked at from the largest, texts from A. */
const firstDescending = (column: Column): boolean => column.number !== undefined;

/** The overview tab: what is shown, in which order, what is selected, what is typed into the filter. */
export class OverviewScreen implements TabScreen {
  readonly #host: TabHost;
  readonly #view = new TableView();
  #snapshot: Snapshot | undefined;
  #stale = false;
  #sort = columnOf(defaultSort);
  #descending = true;
  #grouped = false;
  #showClosed = false;
  #names = true;
  #services = true;
  #clearedAt = -Infinity;
  #filter = "";
  #predicate: Predicate | undefined;
  #problem: QueryError | undefined;
  #editor: LineEditor | undefined;
  #filterBefore = "";
  #selection: Selection | undefined;
  #selected = -1;
  #scroll = 0;
  /** The scroll position of the last frame. */
  #drawn = 0;
  #page = 1;

  constructor(filter: string, host: TabHost) {
    this.#host = host;
    this.#setFilter(filter);
  }

  get typing(): boolean {
    return this.#editor !== undefined;
  }

  update(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#stale = true;
  }

  /** Closed rows up to now are gone for the user, before the engine's next tick drops them. */
  clear(): void {
    this.#clearedAt = this.#snapshot?.time ?? -Infinity;
    this.#stale = true;
  }

  /** @returns how the rows moved since the last frame. */
  draw(paint: Paint, place: Rectangle, latest: Snapshot): Scroll {
    this.#refresh();
    const before = this.#drawn;
    const drawn = drawOverview(paint, place, latest, {
      view: this.#view,
      sort: this.#sort,
      descending: this.#descending,
      grouped: this.#grouped,
      showClosed: this.#showClosed,
      names: this.#names,
      services: this.#services,
      filter: this.#filter,
      frozenAt: this.#host.frozenAt,
      scroll: this.#scroll,
      selected: this.#selected,
    });
    this.#scroll = drawn.first;
    this.#drawn = drawn.first;
    this.#page = Math.max(1, drawn.page);
    return { top: drawn.top, bottom: drawn.top + drawn.page - 1, by: drawn.first - before };
  }

  /** Sorts and filters when something asked for it since the last frame, and finds the selection again. */
  #refresh(): void {
    if (!this.#stale || this.#snapshot === undefined) return;
    this.#stale = false;
    const { time } = this.#snapshot;
    const predicate = this.#predicate;
    this.#view.rebuild(this.#snapshot, {
      sort: this.#sort,
      descending: this.#descending,
      grouped: this.#grouped,
      showClosed: this.#showClosed,
      names: this.#names,
      predicate: predicate === undefined ? undefined : (row) => predicate(row, time),
      clearedAt: this.#clearedAt,
    });
    const selection = this.#selection;
    if (selection === undefined) return;
    const at =
      selection.kind === "connection"
        ? this.#view.indexOfConnection(selection.id)
        : this.#view.indexOfGroup(selection.key);
    if (at >= 0) this.#selected = at;
    else this.select(Math.min(this.#selected, this.#view.count - 1));
  }

  /** Selects what stands at `index`; the selection then follows it wherever it goes. */
  select(index: number): void {
    this.#refresh();
    const at = Math.max(0, Math.min(index, this.#view.count - 1));
    const item = this.#view.item(at);
    this.#selected = item === undefined ? -1 : at;
    this.#selection =
      item === undefined
        ? undefined
        : item.kind === "connection"
          ? { kind: "connection", id: item.row.id }
          : { kind: "group", key: item.group.key };
  }

  #unselect(): void {
    this.#selection = undefined;
    this.#selected = -1;
  }

  #move(by: number): void {
    this.#refresh();
    if (this.#selected >= 0) this.select(this.#selected + by);
    else this.select(by > 0 ? this.#scroll + Math.min(by - 1, this.#page - 1) : this.#scroll);
  }

  wheel(by: number): void {
    if (this.#selected >= 0) {
      this.#move(by);
      return;
    }
    this.#scroll = Math.max(0, Math.min(this.#scroll + by, this.#view.count - this.#page));
  }

  click(target: Target, _event: MouseEvent, double: boolean): void {
    if (target.kind === "column") this.sortBy(target.id);
    else if (target.kind === "row") {
      this.select(target.index);
      if (double) this.run("details");
    }
  }

  run(command: Command): void {
    switch (command) {
      case "up":
        this.#move(-1);
        return;
      case "down":
        this.#move(1);
        return;
      case "pageUp":
        this.#move(-this.#page);
        return;
      case "pageDown":
        this.#move(this.#page);
        return;
      case "halfUp":
        this.#move(-(this.#page >> 1));
        return;
      case "halfDown":
        this.#move(this.#page >> 1);
        return;
      case "first":
        this.select(0);
        return;
      case "last":
        this.select(Infinity);
        return;
      case "sort":
        this.#sortNext();
        return;
      case "filter":
        this.#filterBefore = this.#filter;
        this.#editor = new LineEditor(this.#filter);
        return;
      case "details":
        if (this.chosenConnection() !== undefined || !this.toggleChosenGroup()) this.#host.open("details");
        return;
      case "toggleGroup":
        this.toggleChosenGroup();
        return;
      case "expand":
        this.#openGroup(true);
        return;
      case "collapse":
        this.#openGroup(false);
        return;
      case "back":
        if (this.#filter !== "") this.#setFilter("");
        else this.#unselect();
        return;
      case "reset":
        this.#reset();
        return;
      default:
        this.#toggle(command);
    }
  }

  #toggle(command: Command): void {
    if (command === "sortReverse") this.#descending = !this.#descending;
    else if (command === "group") this.#grouped = !this.#grouped;
    else if (command === "closed") this.#showClosed = !this.#showClosed;
    else if (command === "names") this.#names = !this.#names;
    else if (command === "ports") this.#services = !this.#services;
    this.#stale = true;
  }

  #reset(): void {
    this.#sort = columnOf(defaultSort);
    this.#descending = true;
    this.#grouped = false;
    this.#showClosed = false;
    this.#names = true;
    this.#services = true;
    this.#view.openGroups.clear();
    this.#setFilter("");
    this.#unselect();
    this.#scroll = 0;
  }

  #sortNext(): void {
    const next = columns[(columns.indexOf(this.#sort) + 1) % columns.length];
    if (next !== undefined) this.#setSort(next);
  }

  /** As a click on a heading does: the same column again turns the order around. */
  sortBy(id: ColumnId): void {
    const column = columnOf(id);
    if (column === this.#sort) this.#toggle("sortReverse");
    else this.#setSort(column);
  }

  #setSort(column: Column): void {
    this.#sort = column;
    this.#descending = firstDescending(column);
    this.#stale = true;
  }

  /** The selected connection, else the first that is shown. */
  chosenConnection(): Connection | undefined {
    this.#refresh();
    const item = this.#view.item(Math.max(0, this.#selected));
    return item?.kind === "connection" ? item.row : undefined;
  }

  /** Opens or closes the selected group, or the group of nothing selected: the first. False: not on a group. */
  toggleChosenGroup(): boolean {
    const item = this.#view.item(Math.max(0, this.#selected));
    if (item?.kind !== "group") return false;
    if (!this.#view.openGroups.delete(item.group.key)) this.#view.openGroups.add(item.group.key);
    this.select(Math.max(0, this.#selected));
    this.#stale = true;
    return true;
  }

  #openGroup(open: boolean): void {
    let at = Math.max(0, this.#selected);
    // From inside a group, "close" means the group one is in.
    if (!open) while (at > 0 && this.#view.item(at)?.kind === "connection" && this.#grouped) at--;
    const item = this.#view.item(at);
    if (item?.kind !== "group") return;
    this.select(at);
    if (open) this.#view.openGroups.add(item.group.key);
    else this.#view.openGroups.delete(item.group.key);
    this.#stale = true;
  }

  /** The connections as they stand in the table; of closed groups too. */
  exportContent(): ExportContent {
    this.#refresh();
    return { kind: "connections", connections: this.#view.ordered() };
  }

  copyText(): string | undefined {
    const item = this.#view.item(Math.max(0, this.#selected));
    if (item === undefined) return undefined;
    return item.kind === "group" ? item.group.title : formatEndpoint(item.row.remote);
  }

  /** Puts a filter in the place of the one in force. */
  showOnly(filter: string): void {
    this.#editor = undefined;
    this.#setFilter(filter);
  }

  #setFilter(text: string): void {
    this.#filter = text.trim() === "" ? "" : text;
    this.#stale = true;
    const query = this.#filter === "" ? undefined : compile(this.#filter);
    if (query === undefined) {
      this.#predicate = undefined;
      this.#problem = undefined;
    } else if (query.ok) {
      this.#predicate = query.predicate;
      this.#problem = undefined;
    } else {
      // The rows of the last good filter stay while one is being typed.
      this.#problem = query;
    }
  }

  /** Takes a key for the filter's input line; false when the key is for the table below it. */
  typed(key: string): boolean {
    const editor = this.#editor;
    if (editor === undefined) return false;
    if (key === "enter") {
      // A filter with an error stays open at its error.
      if (this.#problem === undefined) this.#editor = undefined;
    } else if (key === "escape") {
      this.#editor = undefined;
      this.#setFilter(this.#filterBefore);
    } else if (editor.key(key)) {
      this.#setFilter(editor.text);
    } else {
      return !["up", "down", "pageup", "pagedown", "ctrl-z", "ctrl-l"].includes(key);
    }
    return true;
  }

  paste(text: string): void {
    if (this.#editor === undefined) return;
    this.#editor.insert(text);
    this.#setFilter(this.#editor.text);
  }

  /** What is wrong with the filter, in words; undefined when nothing is. */
  problem(messages: Messages): string | undefined {
    const problem = this.#problem;
    if (problem === undefined) return undefined;
    return fill(messages.filterError, { position: problem.position + 1, message: problem.message });
  }

  footer(paint: Paint, y: number, width: number): void {
    if (this.#editor !== undefined) drawFilterLine(paint, y, width, this.#editor, this.#filterStatus(paint));
  }

  #filterStatus(paint: Paint): Span[] {
    const { messages, styles } = paint;
    const problem = this.problem(messages);
    if (problem !== undefined) return [[problem, styles.error]];
    this.#refresh();
    const values = { matched: formatCount(this.#view.matched), count: formatCount(this.#view.candidates) };
    return [
      [fill(messages.matches, values), styles.muted],
      [`  ${keyLabel("enter")}`, styles.keyName],
      [` ${messages.hintApply}`, styles.keyLabel],
      [`  ${keyLabel("escape")}`, styles.keyName],
      [` ${messages.hintCancel}`, styles.keyLabel],
    ];
  }
}
