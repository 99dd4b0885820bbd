import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { describe, it } from "node:test";
import { compileFilter, compileFilterForAll, haveLibpcap, keepAll } from "../../src/host/linux/capture-filter.ts";
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from "../../src/host/linux/link-type.ts";
import { effectiveCapabilities, hasCapability } from "../../src/host/linux/privileges.ts";
import { openPacketRing, PacketRings } from "../../src/host/linux/packet-ring.ts";
import type { PacketFilter } from "../../src/host/linux/packet-ring.ts";

const noLibpcap = haveLibpcap() ? false : "program missing: libpcap (package libpcap0.8)";
const noCapture = hasCapability(effectiveCapabilities(), "net_raw") ? false : "needs root";

describe("capture filters", { skip: noLibpcap }, () => {
  it("compile for either link type", () => {
    for (const linkType of [LINKTYPE_ETHERNET, LINKTYPE_RAW]) {
      const compiled = compileFilter("tcp port 443", linkType);
      assert.ok("program" in compiled);
      assert.ok(compiled.program.length > 8 && compiled.program.length % 8 === 0);
    }
  });

  it("say in one line what is wrong", () => {
    const compiled = compileFilter("tcp and (", LINKTYPE_ETHERNET);
    assert.ok("error" in compiled && compiled.isMistake);
    assert.match(compiled.error, /^bad capture filter: [^\n]+$/);
    assert.ok("error" in compileFilter("tcp\0", LINKTYPE_ETHERNET));
  });

  it("take what only Ethernet has, where there are other links too", () => {
    assert.ok("program" in compileFilterForAll("arp"));
  });
});

/** Sends datagrams to two ports of loopback until the ring has shown one of the second; the ports that it showed. */
async function portsSeen(
  interfaceName: string,
  filter: (port: number) => PacketFilter,
  wanted: "all" | "one",
): Promise<Set<number>> {
  const [one, other] = await Promise.all([0, 0].map(() => boundSocket()));
  assert.ok(one !== undefined && other !== undefined);
  const [port, otherPort] = [one.address().port, other.address().port];
  const opened = openPacketRing({ interfaceName, filter: filter(port), blockSize: 65_536, blockCount: 4 });
  assert.ok(typeof opened !== "string", String(opened));
  const rings = PacketRings.attach([opened]);
  assert.ok(typeof rings !== "string", String(rings));
  const seen = new Set<number>();
  const deadline = performance.now() + 20_000;
  const enough = (): boolean => seen.has(port) && (wanted === "one" || seen.has(otherPort));
  try {
    while (!enough() && performance.now() < deadline) {
      one.send("x", otherPort, "127.0.0.1");
      other.send("y", port, "127.0.0.1");
      await new Promise((resolve) => setTimeout(resolve, 20));
      rings.drain({
        flow: () => assert.fail("the ring counts no flows"),
        frame(frame) {
          // Ethernet header, then IPv4: UDP's destination port.
          const view = new DataView(frame.bytes.buffer, frame.bytes.byteOffset, frame.bytes.byteLength);
          const isDatagram = frame.interfaceIndex > 0 && frame.bytes.length >= 42 && view.getUint8(23) === 17;
          const destination = isDatagram ? view.getUint16(36) : 0;
          if (destination !== port && destination !== otherPort) return;
          assert.equal(frame.linkType, LINKTYPE_ETHERNET);
          assert.equal(frame.wireLength, 43);
          assert.ok(Math.abs(frame.time - Date.now()) < 60_000);
          seen.add(destination);
        },
      });
    }
  } finally {
    rings.close();
    one.close();
    other.close();
  }
  return seen.has(port) ? new Set([...seen].map((each) => (each === port ? 1 : 2))) : new Set();
}

async function boundSocket(): Promise<ReturnType<typeof createSocket>> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket;
}

describe("packet rings", { skip: noCapture }, () => {
  it("show the frames of one interface", async () => {
    assert.deepEqual(
      await portsSeen("lo", () => ({ kind: "classic", program: keepAll(65_535) }), "all"),
      new Set([1, 2]),
    );
  });

  it("show only what the filter takes, on one interface and on all", { skip: noLibpcap }, async () => {
    for (const interfaceName of ["lo", ""]) {
      const filter = (port: number): PacketFilter => {
        const expression = `udp dst port ${port}`;
        const compiled =
          interfaceName === "" ? compileFilterForAll(expression) : compileFilter(expression, LINKTYPE_ETHERNET);
        assert.ok("program" in compiled);
        return { kind: "classic", program: compiled.program };
      };
      assert.deepEqual([...(await portsSeen(interfaceName, filter, "one"))], [1]);
    }
  });

  it("name an interface that is not there", () => {
    const opened = openPacketRing({ interfaceName: "nosuch0", blockSize: 65_536, blockCount: 1 });
    assert.equal(opened, "no interface named nosuch0");
  });
});
