import type { Connection, KnownName, ProcessInfo, Snapshot } from "../model/index.ts";
import { formatEndpoint } from "./cell-text.ts";
import { ConnectionHistory } from "./connection-history.ts";
import { detailCards } from "./detail-cards.ts";
import {
  clampScroll,
  fieldBelow,
  fieldBeside,
  fieldPage,
  layoutCards,
  scrollTo,
  type CardsLayout,
} from "./detail-layout.ts";
import { copyConnection } from "./freeze.ts";
import type { Command } from "./keys.ts";
import type { Messages } from "./messages.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { TabHost, TabId, TabScreen } from "./tab-screen.ts";
import { drawCards } from "./widgets/detail-cards.ts";
import { drawRule, type Paint, type Rectangle, type Span, type Target } from "./widgets/paint.ts";

/** The details tab: one connection in cards, followed by its id, kept as it last was when it leaves the table. */
export class DetailsScreen implements TabScreen {
  readonly #host: TabHost;
  readonly #vendorOf: ((mac: string) => string | undefined) | undefined;
  #history = new ConnectionHistory();
  #row: Connection | undefined;
  /** Where the row stood in the last snapshot: where it is looked for first. */
  #place = 0;
  #gone = false;
  #time = 0;
  #begin = 0;
  #level: Snapshot["level"]["level"] = "full";
  /** The owner that `#lineage` is of, as it was then. */
  #owner: ProcessInfo | undefined;
  #lineage: readonly ProcessInfo[] = [];
  #names: readonly KnownName[] = [];
  /** What the cards were laid out for; they are made anew when it is another. */
  #made: { readonly layout: CardsLayout; readonly messages: Messages } | undefined;
  #cursor = 0;
  #scroll = 0;
  /** The wheel took the cursor out of sight: until a key moves it, it may stay there. */
  #looksAround = false;
  #page = 1;
  /** Of the last frame. */
  #width = 80;

  /** `vendorOf` tells the maker of a network card. */
  constructor(host: TabHost, vendorOf?: (mac: string) => string | undefined) {
    this.#host = host;
    this.#vendorOf = vendorOf;
  }

  opened(from: TabId): void {
    const row = from === "overview" ? this.#host.chosen() : undefined;
    if (row === undefined) return;
    if (this.#row?.id !== row.id) {
      this.#cursor = 0;
      this.#scroll = 0;
      this.#looksAround = false;
      this.#owner = undefined;
      this.#lineage = [];
      this.#names = [];
    }
    this.#keep(row);
    this.#gone = false;
    if (this.#host.snapshot !== undefined) this.update(this.#host.snapshot);
  }

  #keep(row: Connection): void {
    this.#row = copyConnection(this.#host.real(row));
    this.#made = undefined;
  }

  update(snapshot: Snapshot): void {
    const { connections } = snapshot;
    this.#time = snapshot.time;
    this.#begin = snapshot.start;
    this.#level = snapshot.level.level;
    this.#made = undefined;
    const id = this.#row?.id;
    if (id === undefined) return;
    if (connections[this.#place]?.id !== id) this.#place = connections.findIndex((one) => one.id === id);
    const row = connections[this.#place];
    this.#gone = row === undefined;
    if (row === undefined) return;
    this.#keep(row);
    this.#history.add(this.#row!, snapshot.time);
  }

  restart(): void {
    this.#history = new ConnectionHistory();
  }

  draw(paint: Paint, place: Rectangle): undefined {
    const { messages, styles, buffer } = paint;
    const { width, height } = place;
    if (this.#row === undefined) {
      buffer.text(place.x + 1, place.y + (height > 4 ? 1 : 0), messages.noSelection, styles.muted, width - 1);
      return;
    }
    if (width < 6 || height < 1) return;
    const rule = height >= 6 ? 1 : 0;
    const row = this.#host.view(this.#row);
    if (rule > 0) drawRule(paint, place.x, place.y, width, this.#title(paint, row), this.#status(paint, row));
    this.#width = width;
    const layout = this.#layout(row);
    const inside = { ...place, y: place.y + rule, height: height - rule };
    this.#cursor = Math.max(0, Math.min(this.#cursor, layout.fields.length - 1));
    this.#page = Math.max(1, inside.height - 2);
    this.#scroll = this.#looksAround
      ? clampScroll(layout, this.#scroll, inside.height)
      : scrollTo(layout, this.#cursor, this.#scroll, inside.height);
    drawCards(paint, inside, layout, { cursor: this.#cursor, scroll: this.#scroll, history: this.#history });
  }

  #title({ messages, styles }: Paint, row: Connection): Span[] {
    return [
      [row.process?.name ?? messages.unknownProcess, styles.title],
      [row.direction === "inbound" ? " ← " : " → ", styles.muted],
      [row.hostname ?? formatEndpoint(row.remote), styles.host],
    ];
  }

  #status({ messages, styles }: Paint, row: Connection): Span[] {
    if (this.#gone) return [[messages.gone, styles.warning]];
    return row.liveliness === "closed" ? [[messages.closed, styles.closed]] : [];
  }

  #layout(row: Connection): CardsLayout {
    const { messages } = this.#host;
    const width = this.#width;
    if (this.#made?.layout.width === width && this.#made.messages === messages) return this.#made.layout;
    this.#ask();
    const lineage = this.#lineage.map((process) => this.#host.viewProcess(process));
    const names = this.#names.map(({ name, source }) => ({ name: this.#host.viewHost(name), source }));
    const subject = {
      row,
      lineage,
      names,
      vendorOf: this.#vendorOf,
      now: this.#time,
      begin: this.#begin,
      level: this.#level,
    };
    const cards = detailCards(subject, messages);
    const layout = layoutCards(cards, width);
    this.#made = { layout, messages };
    return layout;
  }

  /** The system is asked for parents, and that only when more has become known of the owner. */
  #ask(): void {
    const owner = this.#row?.process;
    if (this.#row === undefined) return;
    if (!this.#gone) this.#names = this.#host.namesOf(this.#row.id);
    if (owner === this.#owner) return;
    this.#owner = owner;
    const lineage = this.#host.lineage(this.#row.id);
    if (lineage.length > 0 || owner?.pid !== this.#lineage[0]?.pid) this.#lineage = lineage;
  }

  run(command: Command): void {
    const steps: Partial<Record<Command, number>> = { up: -1, down: 1 };
    const pages: Partial<Record<Command, number>> = {
      pageUp: -this.#page,
      pageDown: this.#page,
      halfUp: -Math.max(1, this.#page >> 1),
      halfDown: Math.max(1, this.#page >> 1),
    };
    if (this.#row === undefined) return;
    const layout = this.#layout(this.#host.view(this.#row));
    const [step, rows] = [steps[command], pages[command]];
    if (step !== undefined) this.#choose(fieldBelow(layout, this.#cursor, step));
    else if (rows !== undefined) this.#choose(fieldPage(layout, this.#cursor, rows));
    else if (command === "cursorLeft") this.#choose(fieldBeside(layout, this.#cursor, -1));
    else if (command === "cursorRight") this.#choose(fieldBeside(layout, this.#cursor, 1));
    else if (command === "first") this.#choose(0);
    else if (command === "last") this.#choose(layout.fields.length - 1);
  }

  #choose(field: number): void {
    this.#cursor = field;
    this.#looksAround = false;
  }

  wheel(by: number): void {
    this.#scroll += by;
    this.#looksAround = true;
  }

  click(target: Target): void {
    if (target.kind === "field") this.#choose(target.index);
  }

  exportContent(): ExportContent | undefined {
    return this.#row === undefined ? undefined : { kind: "connections", connections: [this.#host.view(this.#row)] };
  }

  /** The value under the cursor. */
  copyText(): string | undefined {
    if (this.#row === undefined) return undefined;
    const field = this.#layout(this.#host.view(this.#row)).fields[this.#cursor]?.of;
    return field?.copy ?? field?.value;
  }
}
