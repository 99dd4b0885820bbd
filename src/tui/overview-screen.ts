import type { Connection, Snapshot } from "../model/index.ts";
import { formatEndpoint } from "./cell-text.ts";
import { ColumnSettings } from "./column-settings.ts";
import type { ColumnId } from "./columns.ts";
import { ColumnsDialog } from "./columns-dialog.ts";
import { FilterLine } from "./filter-line.ts";
import { FlowMarks, mostMarkedFlows } from "./flow-marks.ts";
import type { Scroll } from "./frame-encoder.ts";
import { HeadingDrag, type PlacedHeading } from "./heading-drag.ts";
import { withInterfaceSettings } from "./interface-settings.ts";
import type { MouseEvent } from "./input-parser.ts";
import type { Command } from "./keys.ts";
import { fill } from "./messages.ts";
import { stepOf } from "./overlay.ts";
import { OverviewChoices } from "./overview-choices.ts";
import { drawOverview, type DrawnOverview } from "./overview.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { Remembered, ScreenSettings } from "./screen-settings.ts";
import type { TabHost, TabScreen } from "./tab-screen.ts";
import { TableSelection } from "./table-selection.ts";
import { TableView } from "./table-view.ts";
import { drawFilterLine, drawPopup } from "./widgets/filter-line.ts";
import type { Paint, Rectangle, Target } from "./widgets/paint.ts";

export interface OverviewOptions {
  /** Filter in force from the start. */
  readonly filter: string;
  readonly settings: ScreenSettings;
  readonly remembered: Remembered;
}

/** The overview tab: what is shown, in which order, what is selected, what is typed into the filter. */
export class OverviewScreen implements TabScreen {
  readonly #host: TabHost;
  readonly #settings: ScreenSettings;
  readonly #view = new TableView();
  readonly #columns: ColumnSettings;
  readonly #filter: FilterLine;
  readonly #heading = new HeadingDrag<ColumnId>();
  #snapshot: Snapshot | undefined;
  #interval = 0;
  #stale = false;
  readonly #choices: OverviewChoices;
  #clearedAt = -Infinity;
  readonly #selection = new TableSelection(this.#view);
  readonly #marks = new FlowMarks();
  #scroll = 0;
  #drawn: DrawnOverview = { page: 1, top: 0, first: 0, columns: [], columnsX: 0, sidebar: false };

  constructor(host: TabHost, { filter, settings, remembered }: OverviewOptions) {
    this.#host = host;
    this.#settings = settings;
    this.#columns = new ColumnSettings(settings.columns, remembered.columns);
    this.#filter = new FilterLine(
      () => (this.#stale = true),
      remembered.filters,
      (text) => host.meaning(text),
    );
    this.#choices = new OverviewChoices(settings);
    this.#filter.set(filter);
  }

  /** What is worth keeping for the next run. */
  get remembered(): Remembered {
    const choice = this.#columns.choice();
    return { filters: this.#filter.history, ...(choice === undefined ? {} : { columns: choice }) };
  }

  get typing(): boolean {
    return this.#filter.editor !== undefined;
  }

  update(snapshot: Snapshot): void {
    if (this.#snapshot !== undefined && snapshot.time > this.#snapshot.time) {
      this.#interval = snapshot.time - this.#snapshot.time;
    }
    this.#snapshot = snapshot;
    this.#filter.seen(snapshot);
    this.#stale = true;
  }

  /** Does what `draw` would have to do first. */
  prepare(): void {
    this.#refresh();
  }

  /** Closed rows up to now are gone for the user, before the engine's next tick drops them. */
  clear(): void {
    this.#clearedAt = this.#snapshot?.time ?? -Infinity;
    this.#stale = true;
  }

  /** Rows that were cleared come again. */
  restart(): void {
    this.#clearedAt = -Infinity;
  }

  /** @returns how the rows moved since the last frame. */
  draw(paint: Paint, place: Rectangle, latest: Snapshot): Scroll {
    this.#refresh();
    const before = this.#drawn.first;
    const shown = withInterfaceSettings(latest, this.#settings.interfaces);
    const drawn = drawOverview(paint, place, shown, {
      view: this.#view,
      columns: this.#columns,
      sort: this.#choices.sort,
      descending: this.#choices.descending,
      grouping: this.#choices.grouping,
      showClosed: this.#choices.showClosed,
      names: this.#choices.names,
      services: this.#choices.services,
      sidebar: this.#choices.sidebar,
      rttStale: this.#settings.rttStale ?? 100,
      rttCritical: this.#settings.rttCritical ?? 300,
      interval: this.#interval,
      cost: this.#host.ownCost,
      filter: this.#filter.text,
      frozenAt: this.#host.frozenAt,
      scroll: this.#scroll,
      selected: this.#selection.at,
      marks: this.#marks,
    });
    this.#scroll = drawn.first;
    this.#drawn = drawn;
    this.#heading.draw(paint, drawn.top - 1, this.#headings);
    if (this.#filter.popup !== undefined) drawPopup(paint, place, this.#filter.popup);
    return { top: drawn.top, bottom: drawn.top + drawn.page - 1, by: drawn.first - before };
  }

  /** The headings on the screen. */
  get #headings(): PlacedHeading<ColumnId>[] {
    const { columns, columnsX } = this.#drawn;
    return columns.map(({ column, x, width }) => ({ id: column.id, x: columnsX + x, width }));
  }

  get #page(): number {
    return Math.max(1, this.#drawn.page);
  }

  /** Sorts and filters when something asked for it since the last frame, and finds the selection again. */
  #refresh(): void {
    if (!this.#stale || this.#snapshot === undefined) return;
    this.#stale = false;
    const { time } = this.#snapshot;
    const { predicate } = this.#filter;
    this.#view.rebuild(this.#snapshot, {
      sort: this.#choices.sort,
      descending: this.#choices.descending,
      grouping: this.#choices.grouping,
      showClosed: this.#choices.showClosed,
      names: this.#choices.names,
      predicate: predicate === undefined ? undefined : (row) => predicate(this.#host.real(row), time),
      clearedAt: this.#clearedAt,
    });
    this.#selection.follow();
  }

  /** Selects what stands at `index`; the selection then follows it wherever it goes. */
  select(index: number): void {
    this.#refresh();
    this.#selection.select(index);
  }

  #move(by: number): void {
    this.#refresh();
    if (!Number.isFinite(by)) this.select(by < 0 ? 0 : Infinity);
    else if (this.#selection.at >= 0) this.select(this.#selection.at + by);
    else this.select(by > 0 ? this.#scroll + Math.min(by - 1, this.#page - 1) : this.#scroll);
  }

  wheel(by: number): void {
    if (this.#selection.at >= 0) {
      this.#move(by);
      return;
    }
    this.#scroll = Math.max(0, Math.min(this.#scroll + by, this.#view.count - this.#page));
  }

  click(target: Target, event: MouseEvent, double: boolean): void {
    if (target.kind === "column") this.#heading.press(target.id, event);
    else if (target.kind === "completion") this.#filter.choose(target.index);
    else if (target.kind === "row") {
      this.select(target.index);
      if (double) this.run("details");
    }
  }

  /** The edge of a heading follows the mouse; a heading goes where it is let go. */
  drag(target: Target, event: MouseEvent | undefined): void {
    if (target.kind === "column") {
      const action = this.#heading.follow(event, this.#headings);
      if (action?.kind === "click") this.sortBy(action.id);
      else if (action?.kind === "move") this.#columns.moveBeside(action.id, action.beside, action.after);
    }
    if (target.kind !== "edge" || event === undefined) return;
    const placed = this.#drawn.columns.find(({ column }) => column.id === target.id);
    if (placed !== undefined) this.#columns.setWidth(target.id, event.x - this.#drawn.columnsX - placed.x);
  }

  run(command: Command): void {
    const step = stepOf(command, this.#page);
    if (step !== undefined) {
      this.#move(step);
      return;
    }
    switch (command) {
      case "sort":
        this.#choices.sortNext(this.#columns.visible);
        this.#stale = true;
        return;
      case "filter":
        this.#filter.open(this.#snapshot);
        return;
      case "details":
        if (this.chosenConnection() !== undefined || !this.toggleChosenGroup()) this.#host.open("details");
        return;
      case "toggleGroup":
        if (!this.toggleChosenGroup()) this.#mark();
        return;
      case "mark":
        this.#mark();
        return;
      case "unmark":
        this.#marks.clear();
        return;
      case "expand":
        this.#openGroup(true);
        return;
      case "collapse":
        this.#openGroup(false);
        return;
      case "back":
        if (this.#filter.text !== "") this.#filter.set("");
        else this.#selection.clear();
        return;
      case "reset":
        this.#reset();
        return;
      case "columns":
        this.#host.show(new ColumnsDialog(this.#columns, this.#host.messages, (id) => this.#widthOf(id)));
        return;
      case "narrower":
      case "wider":
        this.#resize(command === "wider" ? 1 : -1);
        return;
      default:
        this.#toggle(command);
    }
  }

  #toggle(command: Command): void {
    // Where the sidebar has no room its interfaces are a tab away.
    if (command === "sidebar" && !this.#drawn.sidebar) this.#host.open("network");
    else this.#choices.toggle(command);
    // Keys of one grouping mean nothing in another.
    if (command === "group" || command === "groupNext") this.#view.openGroups.clear();
    this.#stale = true;
  }

  #reset(): void {
    this.#choices.restore();
    this.#view.openGroups.clear();
    this.#filter.set("");
    this.#selection.clear();
    this.#scroll = 0;
  }

  /** As a click on a heading does: the same column again turns the order around. */
  sortBy(id: ColumnId): void {
    this.#choices.sortBy(id);
    this.#stale = true;
  }

  /** The width the column has on the screen; undefined: it is not there. */
  #widthOf(id: ColumnId): number | undefined {
    return this.#drawn.columns.find(({ column }) => column.id === id)?.width;
  }

  /** The column that rows are sorted by is the one that keys make wider. */
  #resize(by: number): void {
    const { id } = this.#choices.sort;
    this.#columns.setWidth(id, (this.#widthOf(id) ?? this.#columns.preferred(id)) + by);
  }

  /** The selected connection, else the first that is shown. */
  chosenConnection(): Connection | undefined {
    this.#refresh();
    const item = this.#view.item(Math.max(0, this.#selection.at));
    return item?.kind === "connection" ? item.row : undefined;
  }

  /** Opens or closes the selected group, or the group of nothing selected: the first. False: not on a group. */
  toggleChosenGroup(): boolean {
    const item = this.#view.item(Math.max(0, this.#selection.at));
    if (item?.kind !== "group") return false;
    if (!this.#view.openGroups.delete(item.group.key)) this.#view.openGroups.add(item.group.key);
    this.select(Math.max(0, this.#selection.at));
    this.#stale = true;
    return true;
  }

  /** Connections that are marked for graphs, as they were then. */
  get marked(): readonly Connection[] {
    return this.#marks.rows;
  }

  /** Marks the selected connection and goes on to the next, so that several are marked quickly. */
  #mark(): void {
    const row = this.chosenConnection();
    if (row === undefined) return;
    if (!this.#marks.toggle(this.#host.real(row), this.#snapshot)) {
      this.#host.say(fill(this.#host.messages.markedMost, { count: mostMarkedFlows }));
      return;
    }
    this.select(Math.max(0, this.#selection.at) + 1);
  }

  #openGroup(open: boolean): void {
    let at = Math.max(0, this.#selection.at);
    // From inside a group, "close" means the group one is in.
    if (!open && this.#choices.grouping !== "none") while (at > 0 && this.#view.item(at)?.kind === "connection") at--;
    const item = this.#view.item(at);
    if (item?.kind !== "group") return;
    this.select(at);
    if (open) this.#view.openGroups.add(item.group.key);
    else this.#view.openGroups.delete(item.group.key);
    this.#stale = true;
  }

  filterHistory(): readonly string[] {
    return this.#filter.history.toReversed();
  }

  /** The connections as they stand in the table; of closed groups too. */
  exportContent(): ExportContent {
    this.#refresh();
    return { kind: "connections", connections: this.#view.ordered() };
  }

  copyText(): string | undefined {
    const item = this.#view.item(Math.max(0, this.#selection.at));
    if (item === undefined) return undefined;
    return item.kind === "group" ? item.group.title : formatEndpoint(item.row.remote);
  }

  /** Puts a filter in the place of the one in force. */
  showOnly(filter: string): void {
    this.#filter.set(filter);
  }

  typed(key: string): boolean {
    return this.#filter.key(key);
  }

  paste(text: string): void {
    this.#filter.paste(text);
  }

  problem(): string | undefined {
    return this.#filter.problemText(this.#host.messages, this.#host.queryWords);
  }

  footer(paint: Paint, y: number, width: number): void {
    this.#refresh();
    drawFilterLine(paint, y, width, this.#filter, this.#view);
  }
}
