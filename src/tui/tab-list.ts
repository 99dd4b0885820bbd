import { DetailsScreen } from "./details-screen.ts";
import { OverviewScreen } from "./overview-screen.ts";
import { ProcessesScreen } from "./processes-screen.ts";
import type { TabHost, TabId, TabScreen } from "./tab-screen.ts";

export interface TabOptions {
  /** Filter in force from the start. */
  readonly filter: string;
}

export type TabScreens = Readonly<Record<TabId, TabScreen>> & { readonly overview: OverviewScreen };

/** Makes the screens of all tabs. */
export const createTabs = (host: TabHost, options: TabOptions): TabScreens => ({
  overview: new OverviewScreen(options.filter, host),
  processes: new ProcessesScreen(host),
  details: new DetailsScreen(host),
});
