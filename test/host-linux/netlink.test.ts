import assert from "node:assert/strict";
import { readFileSync, readlinkSync } from "node:fs";
import { createServer, connect } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import fc from "../fast-check.ts";
import { TranslationParser } from "../../src/host/linux/conntrack.ts";
import { LinuxInterfaces, parseInterfaceAddress, parseLink } from "../../src/host/linux/interfaces.ts";
import { netlinkRequest, walkAttributes, walkMessages } from "../../src/host/linux/netlink.ts";
import { findSocketOwners } from "../../src/host/linux/process-access.ts";
import { SocketDiagnostics } from "../../src/host/linux/socket-diagnostics.ts";
import { parseSocketMessage, SocketRecord } from "../../src/host/linux/socket-messages.ts";
import type { SocketFlow, SocketPlaneSink } from "../../src/model/index.ts";

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An attribute with its header, padded. */
function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((4 + value.length + 3) & ~3);
  viewOf(bytes).setUint16(0, 4 + value.length, true);
  viewOf(bytes).setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}

const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const be16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 255);

describe("netlink walks", () => {
  it("stay inside any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(400), (bytes, length) => {
        const view = viewOf(bytes);
        const inside = (start: number, end: number): void =>
          assert.ok(start >= 0 && start <= end && end <= bytes.length);
        walkMessages(view, length, (_type, start, end) => (inside(start, end), true));
        walkAttributes(view, 0, length, (_type, start, end) => inside(start, end));
      }),
    );
  });

  it("find again what a request holds", () => {
    const request = netlinkRequest(18, 0x300, Uint8Array.of(1, 2, 3, 4));
    const seen: number[] = [];
    assert.ok(walkMessages(viewOf(request), request.length, (type, start, end) => (seen.push(type, start, end), true)));
    assert.deepEqual(seen, [18, 16, 20]);
  });
});

describe("parsers of netlink messages", () => {
  it("never throw", () => {
    const record = new SocketRecord();
    const translations = new TranslationParser();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(100), fc.nat(500), (bytes, start, end) => {
        const view = viewOf(bytes);
        parseLink(view, start, end);
        parseInterfaceAddress(view, start, end);
        parseSocketMessage(view, start, end, 6, record);
        translations.parse(view, start, end, false);
        translations.parse(view, 0, bytes.length, true);
        parseLink(view, 0, bytes.length);
      }),
    );
  });
});

/** CTA_TUPLE_*: addresses as four bytes, TCP. */
function tuple(type: number, source: number[], destination: number[], ports: readonly [number, number]): Uint8Array {
  const ip = attribute(1, join(attribute(1, Uint8Array.from(source)), attribute(2, Uint8Array.from(destination))));
  const proto = attribute(
    2,
    join(attribute(1, Uint8Array.of(6)), attribute(2, be16(ports[0])), attribute(3, be16(ports[1]))),
  );
  return attribute(type, join(ip, proto));
}

describe("TranslationParser", () => {
  const client = [10, 0, 0, 2];
  const server = [192, 0, 2, 1];
  const router = [198, 51, 100, 1];

  it("tells a translated connection", () => {
    const message = join(
      new Uint8Array(4),
      tuple(1, client, server, [5000, 443]),
      tuple(2, server, router, [443, 61_000]),
    );
    assert.deepEqual(new TranslationParser().parse(viewOf(message), 0, message.length, true), {
      protocolNumber: 6,
      original: { source: "10.0.0.2", sourcePort: 5000, destination: "192.0.2.1", destinationPort: 443 },
      reply: { source: "192.0.2.1", sourcePort: 443, destination: "198.51.100.1", destinationPort: 61_000 },
      ended: true,
    });
  });

  it("passes over a connection that nobody translated", () => {
    const message = join(
      new Uint8Array(4),
      tuple(1, client, server, [5000, 443]),
      tuple(2, server, client, [443, 5000]),
    );
    assert.equal(new TranslationParser().parse(viewOf(message), 0, message.length, false), undefined);
  });

  it("passes over a message with half its tuples", () => {
    const message = join(new Uint8Array(4), tuple(1, client, server, [5000, 443]));
    assert.equal(new TranslationParser().parse(viewOf(message), 0, message.length, false), undefined);
  });
});

describe("LinuxInterfaces", () => {
  it("finds what /proc/net/dev lists, with loopback and its address", () => {
    const interfaces = new LinuxInterfaces();
    const names = interfaces.read().map((each) => each.name);
    const expected = [...readFileSync("/proc/net/dev", "latin1").matchAll(/^ *([^: ]+):/gm)].map((match) => match[1]);
    assert.deepEqual(new Set(names), new Set(expected));
    const loopback = interfaces.read().find((each) => each.loopback);
    assert.equal(loopback?.name, "lo");
    if (loopback?.up) assert.ok(loopback.addresses.includes("127.0.0.1"), loopback.addresses.join(" "));
    interfaces.close();
  });
});

/** Drains once and returns the flows by local port, copied. */
function drain(plane: SocketDiagnostics): Map<number, SocketFlow> {
  const flows = new Map<number, SocketFlow>();
  const sink: SocketPlaneSink = {
    process: () => undefined,
    sample: () => undefined,
    flow: (flow) => void flows.set(flow.localPort, { ...flow }),
  };
  plane.drain(sink);
  return flows;
}

describe("SocketDiagnostics", () => {
  it("sees a connection's ends, owner and bytes, only when they changed, and its end", async () => {
    const plane = SocketDiagnostics.open((inodes) =>
      findSocketOwners(inodes).map(([inode, pid]) => ({ inode, pid, name: readlinkSync(`/proc/${pid}/exe`) })),
    );
    assert.ok(typeof plane !== "string", String(plane));
    const received = Promise.withResolvers<void>();
    const size = 100_000;
    let count = 0;
    const server = createServer((peer) =>
      peer.on("data", (data) => ((count += data.length) >= size ? received.resolve() : 0)),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const port = (server.address() as AddressInfo).port;
    const client = connect(port, "127.0.0.1");
    try {
      client.write(Buffer.alloc(size));
      await received.promise;
      // The last acknowledgement may be on its way: take what comes until nothing does.
      const flows = drain(plane);
      const until = performance.now() + 10_000;
      const isAll = (): boolean => (flows.get(client.localPort ?? 0)?.txBytes ?? 0) >= size;
      for (let quiet = 0; (quiet < 5 || !isAll()) && performance.now() < until;) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        const more = drain(plane);
        const mine = [port, client.localPort ?? 0].filter((each) => more.has(each));
        for (const each of mine) flows.set(each, more.get(each) as SocketFlow);
        quiet = mine.length === 0 ? quiet + 1 : 0;
      }
      const near = flows.get(client.localPort ?? 0);
      const far = flows.get(port);
      assert.equal(near?.remotePort, port);
      assert.equal(near?.remoteAddress, "127.0.0.1");
      assert.equal(near?.opener, 1);
      assert.equal(far?.opener, 2);
      assert.equal(near?.ownerPid, process.pid);
      assert.equal(near?.attribution, "procfs");
      // What the kernel sends again counts as well, and on a busy machine it sends again even over loopback.
      assert.ok((near?.txBytes ?? 0) >= size && (near?.txBytes ?? 0) < size * 2.1, `sent ${near?.txBytes}`);
      assert.ok((far?.rxBytes ?? 0) >= size && (far?.rxBytes ?? 0) < size * 1.1, `received ${far?.rxBytes}`);
      const again = drain(plane);
      assert.ok(!again.has(client.localPort ?? 0), "told again without a change");
      const localPort = client.localPort ?? 0;
      client.destroy();
      const deadline = performance.now() + 10_000;
      let ended = false;
      while (!ended && performance.now() < deadline) {
        ended = drain(plane).get(localPort)?.released ?? false;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.ok(ended, "the end was never told");
    } finally {
      client.destroy();
      server.close();
      plane.close();
    }
  });
});
