import type { Connection, Snapshot } from "../model/index.ts";
import { fold } from "./cell-text.ts";
import { changedOrder, inOrder, moveBeside } from "./column-order.ts";
import { formatCount } from "./format.ts";
import type { Scroll } from "./frame-encoder.ts";
import { HeadingDrag, type PlacedHeading } from "./heading-drag.ts";
import type { MouseEvent } from "./input-parser.ts";
import type { Command } from "./keys.ts";
import { fill, type MessageKey } from "./messages.ts";
import { stepOf } from "./overlay.ts";
import { activityFilter, activityKinds, ActivityTable, type Activity, type ActivityKind } from "./process-rates.ts";
import { activityColumns, columnsFor, type ActivityColumn } from "./processes-columns.ts";
import { Lineages, ProcessTree, type TreeLine } from "./process-tree.ts";
import { activityHeadings, drawActivities, drawActivityHeadings, layoutActivities, treeIndent } from "./processes.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { TabHost, TabScreen } from "./tab-screen.ts";
import { topPeers } from "./top-peers.ts";
import { drawRule, drawScrollbar, type Paint, type Rectangle, type Span, type Target } from "./widgets/paint.ts";

const kindNames: Readonly<Record<ActivityKind, MessageKey>> = {
  process: "byProcess",
  service: "byService",
  container: "byContainer",
};

const firstSort = activityColumns.find(({ id }) => id === "rx_rate");

/** Processes whose connections are shown at once: a filter has so many words. */
const mostShown = 96;
/** Entries that can be marked for graphs. */
const mostMarked = 16;

/** The processes tab: what every process, service or container does over all its connections. */
export class ProcessesScreen implements TabScreen {
  #table = new ActivityTable();
  readonly #host: TabHost;
  #kind: ActivityKind = "process";
  #connections: readonly Connection[] = [];
  #list: Activity[] = [];
  readonly #tree = new ProcessTree();
  readonly #lineages: Lineages;
  #isTree = false;
  /** The tree's lines, one for each of `#list`; empty while there is no tree. */
  #lines: readonly TreeLine[] = [];
  #peers: ReadonlyMap<string, string> = new Map();
  #peersStale = true;
  #stale = true;
  #columns: ActivityColumn[];
  readonly #heading = new HeadingDrag<string>();
  #headings: PlacedHeading<string>[] = [];
  /** Undefined: by name. */
  #sort: ActivityColumn | undefined = firstSort;
  #descending = true;
  #selected: string | undefined;
  readonly #marked = new Set<string>();
  #scroll = 0;
  #page = 1;

  /** `order`: ids of columns, as somebody moved them. */
  constructor(host: TabHost, order?: readonly string[]) {
    this.#host = host;
    this.#lineages = new Lineages((id) => host.lineage(id));
    this.#columns = inOrder(activityColumns, order);
  }

  /** Ids of the columns; undefined when they stand where they always do. */
  get columnOrder(): readonly string[] | undefined {
    return changedOrder(this.#columns, activityColumns);
  }

  update(snapshot: Snapshot): void {
    // By real names: an entry stays the same one when privacy is switched.
    this.#table.update(this.#host.unhidden ?? snapshot);
    this.#connections = snapshot.connections;
    this.#stale = true;
    this.#peersStale = true;
    // Peaks of sums are those of ticks, whether they are looked at or not.
    if (this.#hasTree) this.#refresh();
  }

  get #hasTree(): boolean {
    return this.#isTree && this.#kind === "process";
  }

  restart(): void {
    this.#table = new ActivityTable();
  }

  /** All processes, as the last tick left them. */
  get activities(): readonly Activity[] {
    return this.#table.shown("process");
  }

  /** Processes that are marked (Space), those of the list first. */
  get marked(): readonly Activity[] {
    return [...this.#marked].flatMap((key) => this.#table.find(this.#kind, key) ?? []);
  }

  #refresh(): void {
    if (!this.#stale) return;
    this.#stale = false;
    const entries = this.#table.shown(this.#kind);
    this.#lines = [];
    if (this.#hasTree) {
      this.#lineages.begin(entries);
      this.#lines = this.#tree.lines(entries, this.#lineages.parentsOf, this.#order());
      this.#list = this.#lines.map(({ one }) => one);
    } else this.#list = entries.sort(this.#order());
  }

  #order(): (a: Activity, b: Activity) => number {
    const sign = this.#descending ? -1 : 1;
    const by = this.#sort;
    const value = by?.value;
    // Those that are equal, most often at nothing, stand by when they did something last.
    if (value !== undefined) {
      return (a, b) => sign * (value(a) - value(b)) || b.active - a.active || (a.key < b.key ? -1 : 1);
    }
    if (by !== undefined) this.#findPeers();
    const peers = this.#peers;
    const text = (one: Activity): string => fold(by === undefined ? one.name : (peers.get(one.key) ?? ""));
    return (a, b) => {
      const [left, right] = [text(a), text(b)];
      return left === right ? (a.key < b.key ? -1 : 1) : left < right ? -sign : sign;
    };
  }

  #findPeers(): void {
    if (!this.#peersStale) return;
    this.#peersStale = false;
    this.#peers = topPeers(this.#connections, this.#kind, (row) => this.#host.real(row));
  }

  draw(paint: Paint, place: Rectangle): Scroll {
    this.#refresh();
    const { x, width } = place;
    const rule = place.height >= 6 ? 1 : 0;
    const heading = place.height >= 3 ? 1 : 0;
    if (rule > 0) drawRule(paint, x, place.y, width, this.#title(paint), this.#status(paint));
    // Names in a tree take the room of a column.
    const room = this.#hasTree ? width - treeIndent : width;
    const shown = columnsFor(this.#columns, room, this.#kind === "process");
    if (shown.some(({ value }) => value === undefined)) this.#findPeers();
    const layout = layoutActivities(place, shown, this.#hasTree);
    const y = place.y + rule + heading;
    this.#page = Math.max(1, place.height - rule - heading);
    const before = this.#scroll;
    this.#keepInSight();
    const state = {
      list: this.#list,
      lines: this.#lines,
      first: this.#scroll,
      page: this.#page,
      selected: this.#selected,
      marked: this.#marked,
      peers: this.#peers,
      samples: this.#table.samples,
      nameOf: (one: Activity) => this.#host.viewName(one.name),
      unnamed: paint.messages[this.#kind === "process" ? "unknownProcess" : "unknownGroup"],
      sort: this.#sort,
      descending: this.#descending,
    };
    this.#headings = heading > 0 ? activityHeadings(layout) : [];
    if (heading > 0) {
      drawActivityHeadings(paint, y - 1, layout, state);
      this.#heading.draw(paint, y - 1, this.#headings);
    }
    drawActivities(paint, y, layout, state);
    drawScrollbar(paint, x + width - 1, y, this.#page, this.#scroll, this.#list.length);
    return { top: y, bottom: y + this.#page - 1, by: this.#scroll - before };
  }

  #title({ messages, styles }: Paint): Span[] {
    const left = this.#table.leftOut(this.#kind);
    return [
      [`${messages.tabProcesses} `, styles.heading],
      [formatCount(this.#list.length), styles.text],
      [left === 0 ? "" : ` · ${fill(messages.leftOut, { count: formatCount(left) })}`, styles.warning],
    ];
  }

  #status({ messages, styles }: Paint): Span[] {
    const column = messages[this.#sort?.title ?? "columnProcess"];
    const spans: Span[] = [[fill(messages.sorted, { column, arrow: this.#descending ? "▼" : "▲" }), styles.muted]];
    if (this.#kind !== "process") {
      spans.push([` · ${fill(messages.grouped, { what: messages[kindNames[this.#kind]] })}`, styles.accent]);
    }
    if (this.#hasTree) spans.push([` · ${messages.tree}`, styles.accent]);
    if (this.#marked.size > 0) {
      spans.push([` · ${fill(messages.marked, { count: this.#marked.size })}`, styles.accent]);
    }
    return spans;
  }

  #keepInSight(): void {
    const at = this.#list.findIndex((one) => one.key === this.#selected);
    if (at >= 0) this.#scroll = Math.max(Math.min(this.#scroll, at), at - this.#page + 1);
    this.#scroll = Math.max(0, Math.min(this.#scroll, this.#list.length - this.#page));
  }

  #select(index: number): void {
    this.#refresh();
    this.#selected = this.#list[Math.max(0, Math.min(index, this.#list.length - 1))]?.key;
  }

  #move(by: number): void {
    this.#refresh();
    if (!Number.isFinite(by)) {
      this.#select(by < 0 ? 0 : this.#list.length - 1);
      return;
    }
    const at = this.#list.findIndex((one) => one.key === this.#selected);
    this.#select(at < 0 ? this.#scroll : at + by);
  }

  run(command: Command): void {
    const step = stepOf(command, this.#page);
    if (step !== undefined) this.#move(step);
    else if (command === "sockets") this.#showSockets();
    else if (command === "sort") this.#sortBy(this.#columns[this.#sort ? this.#columns.indexOf(this.#sort) + 1 : 0]);
    else if (command === "sortReverse") this.#sortBy(this.#sort);
    else if (command === "mark") this.#mark();
    else if (command === "kind") this.#switch();
    else if (command === "tree") this.#switchTree();
    else if (command === "expand") this.#open();
    else if (command === "collapse") this.#close();
    else if (command === "unmark") this.#marked.clear();
    else if (command === "reset") this.#reset();
  }

  /** The same column again turns the order around. */
  #sortBy(by: ActivityColumn | undefined): void {
    this.#descending = by === this.#sort ? !this.#descending : by?.value !== undefined;
    this.#sort = by;
    this.#stale = true;
  }

  #reset(): void {
    this.#columns = [...activityColumns];
    this.#sort = firstSort;
    this.#descending = true;
    this.#selected = undefined;
    this.#scroll = 0;
    this.#stale = true;
  }

  /** Marks the selected entry and goes on to the next, so that several are marked quickly. */
  #mark(): void {
    const key = this.#chosen()?.key;
    if (key === undefined) return;
    // Who has no connections has no graph.
    if (!this.#marked.delete(key) && this.#table.find(this.#kind, key) !== undefined) {
      if (this.#marked.size >= mostMarked) {
        this.#host.say(fill(this.#host.messages.markedMost, { count: mostMarked }));
        return;
      }
      this.#marked.add(key);
    }
    this.#selected = key;
    this.#move(1);
  }

  #switch(): void {
    this.#kind = activityKinds[(activityKinds.indexOf(this.#kind) + 1) % activityKinds.length] ?? "process";
    this.#selected = undefined;
    this.#marked.clear();
    this.#scroll = 0;
    this.#stale = true;
    this.#peersStale = true;
  }

  #switchTree(): void {
    this.#isTree = !this.#hasTree;
    while (this.#kind !== "process") this.#switch();
    this.#stale = true;
  }

  #chosen(): Activity | undefined {
    this.#refresh();
    return this.#list.find((one) => one.key === this.#selected) ?? this.#list[0];
  }

  #chosenLine(): TreeLine | undefined {
    const one = this.#chosen();
    return one === undefined ? undefined : this.#lines[this.#list.indexOf(one)];
  }

  #open(): void {
    const line = this.#chosenLine();
    if (line === undefined) return;
    this.#tree.closed.delete(line.one.key);
    this.#selected = line.one.key;
    this.#stale = true;
  }

  #toggle(index: number): void {
    this.#select(index);
    if (this.#chosenLine()?.children === "open") this.#close();
    else this.#open();
  }

  /** Closes the line; one that has nothing to close leads to its parent. */
  #close(): void {
    const line = this.#chosenLine();
    if (line === undefined) return;
    this.#selected = line.one.key;
    if (line.children === "open") {
      this.#tree.closed.add(line.one.key);
      this.#stale = true;
      return;
    }
    const above = this.#lines.slice(0, this.#lines.indexOf(line));
    this.#selected = above.findLast(({ depth }) => depth < line.depth)?.one.key ?? this.#selected;
  }

  /** The connections of what the line sums up. */
  #showSockets(): void {
    const one = this.#chosen();
    if (one === undefined) return;
    const members = this.#chosenLine()?.members() ?? [one];
    if (members.length > mostShown) {
      this.#host.say(fill(this.#host.messages.shownMost, { count: mostShown }));
      return;
    }
    const filters = members.map((each) => activityFilter(this.#kind, each, this.#host.viewName(each.name)));
    this.#host.showOnly(
      filters.length === 1 ? (filters[0] ?? "") : filters.map((filter) => `(${filter})`).join(" or "),
    );
  }

  click(target: Target, event: MouseEvent, double: boolean): void {
    if (target.kind === "heading") this.#heading.press(target.id, event);
    if (target.kind === "item") this.#toggle(target.index);
    if (target.kind !== "row") return;
    this.#select(target.index);
    if (double) this.#showSockets();
  }

  drag(target: Target, event: MouseEvent | undefined): void {
    if (target.kind !== "heading") return;
    const action = this.#heading.follow(event, this.#headings);
    if (action?.kind === "click") this.#sortBy(activityColumns.find(({ id }) => id === action.id));
    else if (action?.kind === "move") {
      this.#columns = moveBeside(this.#columns, action.id, action.beside, action.after);
    }
  }

  wheel(by: number): void {
    this.#move(by);
  }

  copyText(): string | undefined {
    const one = this.#chosen();
    return one === undefined ? undefined : this.#host.viewName(one.name);
  }

  exportContent(): ExportContent {
    this.#refresh();
    this.#findPeers();
    return {
      kind: "table",
      columns: [...(this.#hasTree ? ["depth"] : []), this.#kind, ...activityColumns.map(({ id }) => id)],
      rows: this.#list.map((one, index) => [
        ...(this.#hasTree ? [this.#lines[index]?.depth] : []),
        this.#host.viewName(one.name),
        ...activityColumns.map(({ id, value }) => {
          if (value === undefined) return this.#peers.get(one.key);
          return id === "pid" && one.process === undefined ? undefined : Math.round(value(one));
        }),
      ]),
    };
  }
}
