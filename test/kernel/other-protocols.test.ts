import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { Bed, expectMoved, findProgram, missing, program, type FlowRecord } from "./harness/index.ts";

const skip = missing("ping") ?? false;

describe("what is neither TCP nor UDP", { skip }, () => {
  let bed: Bed;
  before(async () => {
    bed = await Bed.create();
  });
  after(async () => {
    await bed?.close();
  });

  const isSource = (record: FlowRecord): boolean => record.src_ip === bed.left.ipv4;
  const isSource6 = (record: FlowRecord): boolean => record.src_ip === bed.left.ipv6;

  it("counts an ICMP flood for ping", async () => {
    const command = [findProgram("ping") ?? "", "-q", "-f", "-c", "5000", "-s", "300", bed.right.ipv4];
    const ping = bed.start(bed.left, command);
    await ping.finished();
    await expectMoved(bed.monitor, {
      what: "ping -f",
      pid: ping.pid,
      executable: realpathSync(findProgram("ping") ?? ""),
      flows: (record) => record.proto === "ICMP",
      isSource,
      sent: bed.atRight.read({ protocol: 1, source: bed.left.ipv4 }).bytes,
      received: bed.atLeft.read({ protocol: 1, source: bed.right.ipv4 }).bytes,
    });
  });

  it("counts ICMPv6 for ping", async () => {
    const command = [findProgram("ping") ?? "", "-q", "-f", "-c", "2000", "-s", "300", bed.right.ipv6];
    const ping = bed.start(bed.left, command);
    await ping.finished();
    await expectMoved(bed.monitor, {
      what: "ping -6 -f",
      pid: ping.pid,
      executable: realpathSync(findProgram("ping") ?? ""),
      flows: (record) => record.proto === "IPv6-ICMP",
      isSource: isSource6,
      sent: bed.atRight.read({ protocol: 58, source: bed.left.ipv6, destination: bed.right.ipv6 }).bytes,
      received: bed.atLeft.read({ protocol: 58, source: bed.right.ipv6, destination: bed.left.ipv6 }).bytes,
    });
  });

  it("counts raw IP of protocol 253 on both sides", async () => {
    const receiver = await bed.ready(bed.right, [program("raw-ip"), "receive", bed.right.ipv4, "253"]);
    const sender = bed.start(bed.left, [program("raw-ip"), "send", bed.right.ipv4, "253", "4000", "700"]);
    await sender.finished();
    const arrived = bed.atRight.read({ protocol: 253 });
    assert.ok(arrived.packets >= 4000, `only ${arrived.packets} arrived: the scenario itself is broken`);
    const common = { executable: program("raw-ip"), flows: () => true, isSource };
    const what = "raw IP 253";
    await expectMoved(bed.monitor, { ...common, what, pid: sender.pid, sent: arrived.bytes, received: 0 });
    await expectMoved(bed.monitor, {
      ...common,
      what: `${what}, receiver`,
      pid: receiver.pid,
      isSource: (record) => record.src_ip === bed.right.ipv4,
      sent: 0,
      received: arrived.bytes,
    });
  });

  it("counts what is injected below the sockets, through AF_PACKET", async () => {
    const port = "5501";
    const receiver = await bed.ready(bed.right, [program("udp-server"), bed.right.ipv4, port]);
    const mac = bed.right.hardwareAddress(bed.pair.links.right);
    const target = [bed.pair.links.left, mac, bed.left.ipv4, bed.right.ipv4, port];
    const sender = bed.start(bed.left, [program("inject"), ...target, "4000", "600"]);
    await sender.finished();
    const arrived = bed.atRight.read({ protocol: 17, destinationPort: Number(port) });
    assert.ok(arrived.packets >= 4000, `only ${arrived.packets} arrived: the scenario itself is broken`);
    await expectMoved(bed.monitor, {
      what: "AF_PACKET",
      pid: sender.pid,
      executable: program("inject"),
      flows: () => true,
      isSource,
      sent: arrived.bytes,
      received: 0,
    });
    await expectMoved(bed.monitor, {
      what: "AF_PACKET, receiver",
      pid: receiver.pid,
      executable: program("udp-server"),
      flows: () => true,
      isSource: (record) => record.src_ip === bed.right.ipv4,
      sent: 0,
      received: arrived.bytes,
    });
  });

  it("counts SCTP", async (t) => {
    const port = "5502";
    const receiver = bed.start(bed.right, [program("sctp"), "receive", bed.right.ipv4, port]);
    await Promise.race([receiver.ended, receiver.line(/^ready$/m).catch(() => undefined)]);
    if (receiver.status === 77) {
      t.skip("kernel feature missing: SCTP");
      return;
    }
    const sender = bed.start(bed.left, [program("sctp"), "send", bed.right.ipv4, port, "2000000"]);
    await sender.finished();
    const counted = await bed.exchangedWhenQuiet("SCTP", Number(port));
    await expectMoved(bed.monitor, {
      what: "SCTP",
      pid: sender.pid,
      executable: program("sctp"),
      flows: (record) => record.proto === "SCTP",
      isSource,
      sent: counted.toServer.bytes,
      received: counted.toClient.bytes,
    });
  });
});
