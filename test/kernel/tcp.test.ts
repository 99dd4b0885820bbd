import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  asClient,
  asServer,
  Bed,
  Counters,
  createPair,
  expectMoved,
  isWithin,
  missing,
  onPort,
  program,
  Task,
  until,
  type Count,
} from "./harness/index.ts";

const skip = missing() ?? false;
const megabyte = "1000000";

describe("TCP", { skip }, () => {
  let bed: Bed;
  before(async () => {
    bed = await Bed.create();
  });
  after(async () => {
    await bed?.close();
  });

  const scenario = async (what: string, port: number, client: readonly string[], ipv6 = false): Promise<void> => {
    const address = ipv6 ? bed.right.ipv6 : bed.right.ipv4;
    const server = ["tcp-server", address, String(port)];
    await bed.expectExchange({
      what,
      proto: "TCP",
      port,
      server,
      client: ["tcp-client", address, String(port), ...client],
    });
  };

  it("counts an upload", () => scenario("upload", 5201, ["40000000", "0"]));
  it("counts a download", () => scenario("download", 5202, ["0", "40000000"]));
  it("counts both directions at once", () => scenario("both directions", 5203, ["20000000", "20000000"]));
  it("counts IPv6", () => scenario("IPv6", 5204, ["10000000", "5000000"], true));
  it("counts 16 parallel streams", () => scenario("16 streams", 5205, ["2000000", megabyte, "-p", "16"]));

  it("loses none of 2,000 connections that open and close between ticks", async () => {
    await scenario("2,000 small connections", 5206, ["1500", "3000", "-s", "2000"]);
    const matches = onPort("TCP", 5206);
    const rows = [...bed.monitor.flows.values()].filter((record) => matches(record));
    const clients = rows.filter((record) => record.process?.executable === program("tcp-client"));
    assert.equal(clients.length, 2000, "rows of the client");
    assert.equal(rows.length, 4000, "rows of both sides");
  });

  it("counts an IPv4 client of a dual-stack service", async () => {
    const server = await bed.ready(bed.right, [program("tcp-server"), "::", "5207"]);
    const client = bed.start(bed.left, [program("tcp-client"), bed.right.ipv4, "5207", megabyte, megabyte]);
    await client.finished();
    const counted = await bed.exchangedWhenQuiet("TCP", 5207);
    await bed.expectClient({ what: "v4-mapped", proto: "TCP", port: 5207, client, name: "tcp-client", counted });
    await expectMoved(bed.monitor, {
      what: "v4-mapped, server",
      pid: server.pid,
      executable: program("tcp-server"),
      flows: onPort("TCP", 5207),
      isSource: asServer(5207),
      sent: counted.toClient.bytes,
      received: counted.toServer.bytes,
    });
    const row = await bed.monitor.flow(
      (record) => onPort("TCP", 5207)(record) && record.process?.pid === server.pid,
      "the server",
    );
    assert.equal(row.src_ip, bed.left.ipv4, "a v4-mapped address is shown as IPv4");
  });

  it("counts loopback, both owners apart", async () => {
    const port = 5208;
    const server = await bed.ready(bed.left, [program("tcp-server"), "127.0.0.1", String(port)]);
    const client = bed.start(bed.left, [program("tcp-client"), "127.0.0.1", String(port), "30000000", "10000000"]);
    await client.finished();
    // What the client has sent may still be under way when its answer is there.
    await until(() => bed.atLeft.read({ protocol: 6, destinationPort: port }).bytes > 30_000_000, 60_000, 100);
    // Both sides arrive in the same namespace here.
    const toServer = bed.atLeft.read({ protocol: 6, destinationPort: port }).bytes;
    const toClient = bed.atLeft.read({ protocol: 6, sourcePort: port }).bytes;
    const flows = onPort("TCP", port);
    await expectMoved(bed.monitor, {
      what: "loopback, client",
      pid: client.pid,
      executable: program("tcp-client"),
      flows,
      isSource: asClient(port),
      sent: toServer,
      received: toClient,
    });
    await expectMoved(bed.monitor, {
      what: "loopback, server",
      pid: server.pid,
      executable: program("tcp-server"),
      flows,
      isSource: asServer(port),
      sent: toClient,
      received: toServer,
    });
  });

  it("follows a drip over 20 seconds", async () => {
    const port = 5209;
    await scenario("drip", port, ["200000", "0", "-d", "20"]);
    const matches = onPort("TCP", port);
    const credited = bed.monitor.credits.filter(
      ({ record, bytesToServer }) =>
        matches(record) && record.process?.executable === program("tcp-client") && bytesToServer > 0,
    );
    assert.ok(credited.length >= 15, `bytes were reported in ${credited.length} intervals of about 20`);
    const largest = Math.max(...credited.map(({ bytesToServer }) => bytesToServer));
    assert.ok(largest < 60_000, `one interval of about 16,000 bytes was credited ${largest}`);
  });

  it("counts every byte of segments that travel in batches all the way", async () => {
    const port = 5210;
    const pair = createPair(76, true);
    bed.monitor.include(pair.left, pair.right);
    const tasks: Task[] = [];
    try {
      const arriving = { left: new Counters(pair.left), right: new Counters(pair.right) };
      const server = new Task(pair.right.command([program("tcp-server"), pair.right.ipv4, String(port)]));
      tasks.push(server);
      await server.line(/^ready$/m);
      const load = [pair.right.ipv4, String(port), "200000000", "50000000"];
      const client = new Task(pair.left.command([program("tcp-client"), ...load]));
      tasks.push(client);
      await client.finished();
      const up = arriving.right.read({ destinationPort: port });
      const down = arriving.left.read({ sourcePort: port });
      assert.ok(up.bytes / up.packets > 3000, "nothing was batched: the scenario itself is broken");
      // A batch is one packet for nftables and as many as the wire would carry for Socklens: compare what is left
      // without headers, 52 bytes each with the time stamp option.
      const payload = ({ bytes, packets }: Count): number => bytes - packets * 52;
      const matches = onPort("TCP", port);
      for (const [name, pid] of [
        ["client", client.pid],
        ["server", server.pid],
      ] as const) {
        const known = (): { up: number; down: number } => {
          const { flow } = [...bed.monitor.flows.values()].find(
            (record) => matches(record) && record.process?.pid === pid,
          ) ?? { flow: { bytes_toserver: 0, pkts_toserver: 0, bytes_toclient: 0, pkts_toclient: 0 } };
          return {
            up: payload({ bytes: flow.bytes_toserver, packets: flow.pkts_toserver }),
            down: payload({ bytes: flow.bytes_toclient, packets: flow.pkts_toclient }),
          };
        };
        const agrees = (): boolean => isWithin(known().up, payload(up)) && isWithin(known().down, payload(down));
        await bed.monitor.when(agrees);
        const { up: sent, down: received } = known();
        const counted = `counted ${payload(up)} and ${payload(down)}`;
        assert.ok(agrees(), `${name}: socklens ${sent} and ${received}, ${counted}; ${bed.monitor.describe(matches)}`);
      }
    } finally {
      for (const task of tasks) await task.stop();
      pair.network.remove();
    }
  });

  it("counts packets as the wire carries them, not as the stack batches them", async () => {
    const counted = bed.exchanged("TCP", 5201).toServer;
    const matches = onPort("TCP", 5201);
    const packets = bed.monitor.credits
      .filter(({ record }) => matches(record) && record.process?.executable === program("tcp-client"))
      .reduce((sum, credit) => sum + credit.packetsToServer, 0);
    assert.ok(isWithin(packets, counted.packets), `socklens ${packets} packets, counted ${counted.packets}`);
  });
});
