import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Bed, isWithin, missing, Monitor, onPort, program, type Exchanged } from "./harness/index.ts";

const skip = missing() ?? false;

describe("UDP", { skip }, () => {
  let bed: Bed;
  before(async () => {
    bed = await Bed.create();
  });
  after(async () => {
    await bed?.close();
  });

  interface Variant {
    readonly client: readonly string[];
    readonly server?: readonly string[];
    readonly ipv6?: boolean;
  }
  const scenario = (what: string, port: number, { client, server = [], ipv6 = false }: Variant): Promise<Exchanged> => {
    const address = ipv6 ? bed.right.ipv6 : bed.right.ipv4;
    return bed.expectExchange({
      what,
      proto: "UDP",
      port,
      server: ["udp-server", address, String(port), ...server],
      client: ["udp-client", address, String(port), ...client],
    });
  };

  it("counts one way", async () => {
    await scenario("one way", 5301, { client: ["5000", "1200"] });
  });

  it("counts both ways", async () => {
    await scenario("both ways", 5302, { client: ["5000", "1200", "-e"] });
  });

  it("counts a socket that was never connected", async () => {
    await scenario("unconnected", 5303, { client: ["5000", "900", "-e", "-u"] });
  });

  it("counts IPv6", async () => {
    await scenario("IPv6", 5304, { client: ["5000", "1000", "-e"], ipv6: true });
  });

  it("counts sendmmsg and recvmmsg", async () => {
    await scenario("mmsg", 5305, { client: ["5000", "700", "-e", "-m"], server: ["-m"] });
    await scenario("mmsg unconnected", 5306, { client: ["5000", "700", "-e", "-m", "-u"], server: ["-m"] });
  });

  it("counts datagrams that leave in one piece and are cut by the kernel", async () => {
    const port = 5309;
    const counted = await scenario("UDP_SEGMENT", port, { client: ["6400", "1000", "-g"] });
    const matches = onPort("UDP", port);
    const packets = bed.monitor.credits
      .filter(({ record }) => matches(record) && record.process?.executable === program("udp-client"))
      .reduce((sum, credit) => sum + credit.packetsToServer, 0);
    assert.ok(isWithin(packets, counted.toServer.packets), `socklens ${packets}, counted ${counted.toServer.packets}`);
  });

  it("counts small packets", async () => {
    const port = 5307;
    const counted = await scenario("small packets", port, { client: ["60000", "18"] });
    const matches = onPort("UDP", port);
    const packets = bed.monitor.credits
      .filter(({ record }) => matches(record) && record.process?.executable === program("udp-client"))
      .reduce((sum, credit) => sum + credit.packetsToServer, 0);
    assert.ok(isWithin(packets, counted.toServer.packets), `socklens ${packets}, counted ${counted.toServer.packets}`);
  });

  it("splits one unconnected socket by remote", async () => {
    const port = 5308;
    const counts = ["1000", "3000"];
    await bed.ready(bed.right, [program("udp-server"), bed.right.ipv4, String(port)]);
    for (const count of counts) {
      const client = bed.start(bed.left, [program("udp-client"), bed.right.ipv4, String(port), count, "500", "-e"]);
      await client.finished();
    }
    const isServer = (pid: number | undefined): boolean =>
      [...bed.monitor.flows.values()].some(
        ({ process }) => process?.pid === pid && process?.executable === program("udp-server"),
      );
    const rows = (): string[] =>
      [...bed.monitor.flows.values()]
        .filter((record) => onPort("UDP", port)(record) && isServer(record.process?.pid))
        .map(({ flow }) => `${flow.pkts_toserver}/${flow.pkts_toclient}`)
        .sort();
    await bed.monitor.when(() => rows().join() === "1000/1000,3000/3000");
    assert.deepEqual(rows(), ["1000/1000", "3000/3000"], bed.monitor.describe(onPort("UDP", port)));
  });

  it("keeps both directions of an unconnected socket that was there before in one row", async () => {
    const port = 5310;
    const server = await bed.ready(bed.right, [program("udp-server"), bed.right.ipv4, String(port)]);
    const late = await Monitor.start();
    try {
      // On loopback: what a socket sends and receives is in no order there.
      const client = bed.start(bed.right, [program("udp-client"), bed.right.ipv4, String(port), "1000", "500", "-e"]);
      await client.finished();
      const matches = onPort("UDP", port);
      const rows = (): string[] =>
        [...late.flows.values()]
          .filter((record) => matches(record) && record.process?.pid !== client.pid)
          .map(({ flow, process }) => `${process?.pid} ${flow.pkts_toserver}/${flow.pkts_toclient}`);
      await late.when(() => rows().join() === `${server.pid} 1000/1000`);
      assert.deepEqual(rows(), [`${server.pid} 1000/1000`], late.describe(matches));
    } finally {
      await late.stop();
    }
  });
});
