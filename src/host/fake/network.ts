import type { InterfaceInfo, Neighbour, NetworkSource, NetworkState, Route } from "../../model/index.ts";

/** A made-up network: one router, two machines on the link, and the interfaces that are given. */
export class FakeNetwork implements NetworkSource {
  routes: readonly Route[] = [
    {
      destination: "default",
      version: 4,
      gateway: "192.0.2.1",
      interfaceName: "eth0",
      metric: 100,
      table: "main",
      protocol: "dhcp",
      scope: "global",
      type: "unicast",
    },
    {
      destination: "192.0.2.0/24",
      version: 4,
      interfaceName: "eth0",
      source: "192.0.2.10",
      table: "main",
      protocol: "kernel",
      scope: "link",
      type: "unicast",
    },
    {
      destination: "2001:db8:dead::/48",
      version: 6,
      metric: 1024,
      table: "main",
      protocol: "static",
      scope: "global",
      type: "unreachable",
    },
  ];
  neighbours: readonly Neighbour[] = [
    { address: "192.0.2.1", mac: "00:00:0c:12:34:56", interfaceName: "eth0", state: "reachable", isRouter: false },
    { address: "192.0.2.77", interfaceName: "eth0", state: "failed", isRouter: false },
    { address: "fe80::1", mac: "02:00:5e:00:00:01", interfaceName: "eth0", state: "stale", isRouter: true },
  ];
  /** How often it was asked. */
  reads = 0;

  read(interfaces: readonly InterfaceInfo[]): NetworkState {
    this.reads++;
    return {
      interfaces: interfaces.map((one) => ({
        ...one,
        kind: one.loopback ? "loopback" : "ether",
        state: one.up ? "up" : "down",
        mtu: 1500,
        rxPackets: Math.round(one.rxBytes / 1000),
        txPackets: Math.round(one.txBytes / 1000),
      })),
      routes: this.routes,
      neighbours: this.neighbours,
    };
  }

  close(): void {
    // Nothing was opened.
  }
}
