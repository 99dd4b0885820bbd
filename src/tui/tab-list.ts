import { DashboardScreen } from "./dashboard-screen.ts";
import { GraphsScreen } from "./graphs-screen.ts";
import { NetworkScreen, type NetworkParts } from "./network-screen.ts";
import { DetailsScreen } from "./details-screen.ts";
import { OverviewScreen, type OverviewOptions } from "./overview-screen.ts";
import { ProcessesScreen } from "./processes-screen.ts";
import type { Remembered } from "./screen-settings.ts";
import type { TabHost, TabId, TabScreen } from "./tab-screen.ts";

/** What tabs begin with. */
export interface TabOptions extends OverviewOptions {
  readonly network: NetworkParts;
  readonly knowsCountries: boolean;
}

export interface TabScreens extends Readonly<Record<TabId, TabScreen>> {
  readonly overview: OverviewScreen;
  readonly processes: ProcessesScreen;
  readonly network: NetworkScreen;
}

/** What the tabs want to be remembered. */
export function rememberedOf({ overview, processes, network }: TabScreens): Remembered {
  const order = processes.columnOrder;
  const orders = { ...(order !== undefined && { processes: order }), ...network.columnOrders };
  return { ...overview.remembered, ...(Object.keys(orders).length > 0 && { orders }) };
}

/** Makes the screens of all tabs. */
export function createTabs(host: TabHost, options: TabOptions): TabScreens {
  const { orders = {} } = options.remembered;
  const processes = new ProcessesScreen(host, orders.processes);
  const overview = new OverviewScreen(host, options);
  return {
    overview,
    processes,
    details: new DetailsScreen(host, options.network.vendorOf),
    dashboard: new DashboardScreen(host, options.knowsCountries),
    graphs: new GraphsScreen(host, { processes, flows: overview }),
    network: new NetworkScreen(host, options.network, orders),
  };
}
