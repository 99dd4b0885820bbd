import { columnOf, type Column, type ColumnId } from "./columns.ts";
import { groupings, type Grouping } from "./grouping.ts";
import type { Command } from "./keys.ts";
import type { ScreenSettings } from "./screen-settings.ts";

const defaultSort: ColumnId = "rxRate";

/** Numbers are looked at from the largest, texts from A. */
const firstDescending = (column: Column): boolean => column.number !== undefined;

/** How the person wants to see the overview: order, groups, what is shown and how it is called. */
export class OverviewChoices {
  readonly #settings: ScreenSettings;
  sort = columnOf(defaultSort);
  descending = true;
  grouping: Grouping = "none";
  showClosed = false;
  names = true;
  services = true;
  sidebar = true;

  constructor(settings: ScreenSettings) {
    this.#settings = settings;
    this.restore();
  }

  /** As it was configured. */
  restore(): void {
    const { sort = defaultSort, descending, grouping = "none", closed, names, services, sidebar } = this.#settings;
    this.sort = columnOf(sort);
    this.descending = descending ?? firstDescending(this.sort);
    this.grouping = grouping;
    this.showClosed = closed ?? false;
    this.names = names ?? true;
    this.services = services ?? true;
    this.sidebar = sidebar ?? true;
  }

  /** By another column, in the order that it is looked at first; the same column again turns the order around. */
  sortBy(id: ColumnId): void {
    const column = columnOf(id);
    this.descending = column === this.sort ? !this.descending : firstDescending(column);
    this.sort = column;
  }

  /** By the column behind the present one. */
  sortNext(shown: readonly Column[]): void {
    const next = shown[(shown.findIndex(({ id }) => id === this.sort.id) + 1) % shown.length];
    if (next !== undefined && next.id !== this.sort.id) this.sortBy(next.id);
  }

  /** What a command switches. */
  toggle(command: Command): void {
    if (command === "sortReverse") this.descending = !this.descending;
    else if (command === "group") this.grouping = this.grouping === "none" ? "process" : "none";
    else if (command === "groupNext") {
      this.grouping = groupings[(groupings.indexOf(this.grouping) + 1) % groupings.length] ?? "none";
    } else if (command === "closed") this.showClosed = !this.showClosed;
    else if (command === "names") this.names = !this.names;
    else if (command === "ports") this.services = !this.services;
    else if (command === "sidebar") this.sidebar = !this.sidebar;
  }
}
