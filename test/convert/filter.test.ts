import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sidecarPath } from "../../src/export/index.ts";
import { ethernet, hex, ipv4, overUdp, udpBetween } from "../wire/frames.ts";
import { framesOf, writePcap } from "./captures.ts";
import { convert } from "./convert.ts";

const folder = mkdtempSync(join(tmpdir(), "socklens-filter-"));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

/** A datagram from port 50000 with `length` bytes. */
const datagram = (port: number, length: number): Uint8Array => overUdp(port, "00".repeat(length));
/** The same inside VXLAN. */
const tunnelled = (port: number, length: number): Uint8Array =>
  overUdp(4789, `08000000 00002a00 ${ethernet("0800")} ${ipv4("11", udpBetween(50_000, port, "00".repeat(length)))}`);

/** Ports and lengths of frames by turns: three flows, of which one grows late. */
const traffic = [
  datagram(1111, 10),
  datagram(2222, 10),
  tunnelled(3333, 10),
  datagram(1111, 10),
  datagram(2222, 900),
  datagram(1111, 10),
  datagram(2222, 11),
];
const source = writePcap(
  file("source.pcap"),
  traffic.map((bytes, index) => ({ at: index * 1e9, bytes })),
);
const all = (await framesOf(source)).frames;

async function kept(...args: string[]): Promise<number[]> {
  const { code } = await convert([source, ...args, "-o", file("out.pcap")]);
  assert.equal(code, 0);
  return (await framesOf(file("out.pcap"))).frames.map((frame) => all.indexOf(frame));
}

test("a filter takes all packets of the connections that match in the end", async () => {
  assert.deepEqual(await kept("--filter", "port:1111"), [0, 3, 5]);
  // Known only once the fifth packet has come.
  assert.deepEqual(await kept("--filter", "bytes>800"), [1, 4, 6]);
  assert.deepEqual(await kept("--filter", "not port:2222"), [0, 2, 3, 5]);
});

test("a connection inside a tunnel brings the tunnel's packets", async () => {
  assert.deepEqual(await kept("--filter", "port:3333"), [2]);
});

test("a part by time is chosen before connections are", async () => {
  assert.deepEqual(await kept("--filter", "bytes>800", "--to", "3"), []);
  assert.deepEqual(await kept("--filter", "port:1111", "--from", "1", "--to", "4"), [3]);
  assert.deepEqual(await kept("--filter", "bytes>800", "--packets", "2"), [1, 4]);
});

test("owners in the file beside it can be asked for", async () => {
  const record = {
    timestamp: "2023-11-14T22:13:20.000000+0000",
    flow_id: 1,
    event_type: "flow",
    proto: "UDP",
    src_ip: "10.0.0.1",
    src_port: 50_000,
    dest_ip: "192.0.2.2",
    dest_port: 1111,
    flow: { start: "2023-11-14T22:13:20.000000+0000", end: "2023-11-14T22:13:25.000000+0000" },
    attribution: "socket",
    process: { pid: 7, name: "curl" },
  };
  writeFileSync(sidecarPath(source), `${JSON.stringify(record)}\n`);
  assert.deepEqual(await kept("--filter", "process:curl"), [0, 3, 5]);
  assert.deepEqual(await kept("--filter", "not process:curl"), [1, 2, 4, 6]);
  rmSync(sidecarPath(source));
});

test("frames that are no packets of a connection match no filter", async () => {
  const odd = writePcap(file("odd.pcap"), [{ at: 1, bytes: hex("00".repeat(10)) }]);
  assert.deepEqual((await convert([odd, "--filter", "not port:1", "-o", file("odd-out.pcap")])).lines, [
    "0 packets written",
  ]);
});
