import type { Connection, Snapshot } from "../model/index.ts";
import { detailFields, type DetailField } from "./details.ts";
import { copyConnection } from "./freeze.ts";
import type { Command } from "./keys.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { TabHost, TabId, TabScreen } from "./tab-screen.ts";
import { drawDetails } from "./widgets/details-panel.ts";
import type { Paint, Rectangle, Span, Target } from "./widgets/paint.ts";

/** The details tab: one connection, followed by its id, kept as it last was when it leaves the table. */
export class DetailsScreen implements TabScreen {
  readonly #host: TabHost;
  #row: Connection | undefined;
  #gone = false;
  #time = 0;
  #fields: readonly DetailField[] = [];
  #cursor = 0;
  #scroll = 0;
  #page = 1;

  constructor(host: TabHost) {
    this.#host = host;
  }

  opened(from: TabId): void {
    const row = from === "overview" ? this.#host.chosen() : undefined;
    if (row === undefined) return;
    if (this.#row?.id !== row.id) {
      this.#cursor = 0;
      this.#scroll = 0;
    }
    this.#row = copyConnection(this.#host.real(row));
    this.#gone = false;
    if (this.#host.snapshot !== undefined) this.update(this.#host.snapshot);
  }

  update(snapshot: Snapshot): void {
    this.#time = snapshot.time;
    const id = this.#row?.id;
    if (id === undefined) return;
    const row = snapshot.connections.find((one) => one.id === id);
    this.#gone = row === undefined;
    if (row !== undefined) this.#row = copyConnection(this.#host.real(row));
  }

  draw(paint: Paint, place: Rectangle): undefined {
    const { messages, styles, buffer } = paint;
    if (this.#row === undefined) {
      buffer.text(
        place.x + 1,
        place.y + (place.height > 4 ? 1 : 0),
        messages.noSelection,
        styles.muted,
        place.width - 1,
      );
      return;
    }
    const row = this.#host.view(this.#row);
    this.#fields = detailFields(row, this.#time);
    this.#cursor = Math.min(this.#cursor, this.#fields.length - 1);
    this.#page = Math.max(1, place.height - 2);
    const right: Span[] = this.#gone ? [[messages.gone, styles.warning]] : [];
    this.#scroll = drawDetails(paint, place, row, this.#fields, this.#cursor, this.#scroll, right);
  }

  run(command: Command): void {
    const steps: Partial<Record<Command, number>> = {
      up: -1,
      down: 1,
      first: -Infinity,
      last: Infinity,
      pageUp: -this.#page,
      pageDown: this.#page,
      halfUp: -(this.#page >> 1),
      halfDown: this.#page >> 1,
    };
    const step = steps[command];
    if (step !== undefined) this.move(step);
  }

  move(by: number): void {
    this.choose(this.#cursor + by);
  }

  wheel(by: number): void {
    this.move(by);
  }

  click(target: Target): void {
    if (target.kind === "field") this.choose(target.index);
  }

  choose(field: number): void {
    this.#cursor = Math.max(0, Math.min(field, this.#fields.length - 1));
  }

  exportContent(): ExportContent | undefined {
    return this.#row === undefined ? undefined : { kind: "connections", connections: [this.#host.view(this.#row)] };
  }

  /** The value under the cursor. */
  copyText(): string | undefined {
    return this.#fields[this.#cursor]?.value;
  }
}
