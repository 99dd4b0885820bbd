import { DashboardScreen } from "./dashboard-screen.ts";
import { GraphsScreen } from "./graphs-screen.ts";
import { NetworkScreen, type NetworkParts } from "./network-screen.ts";
import { DetailsScreen } from "./details-screen.ts";
import { OverviewScreen, type OverviewOptions } from "./overview-screen.ts";
import { ProcessesScreen } from "./processes-screen.ts";
import type { TabHost, TabId, TabScreen } from "./tab-screen.ts";

/** What tabs begin with. */
export interface TabOptions extends OverviewOptions {
  readonly network: NetworkParts;
}

export type TabScreens = Readonly<Record<TabId, TabScreen>> & { readonly overview: OverviewScreen };

/** Makes the screens of all tabs. */
export function createTabs(host: TabHost, options: TabOptions): TabScreens {
  const processes = new ProcessesScreen(host);
  return {
    overview: new OverviewScreen(host, options),
    processes,
    details: new DetailsScreen(host),
    dashboard: new DashboardScreen(host),
    graphs: new GraphsScreen(host, processes),
    network: new NetworkScreen(host, options.network),
  };
}
