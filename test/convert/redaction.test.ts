import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { withChecksums } from "../redact/checksums.ts";
import { hex, sampleFrames } from "../wire/frames.ts";
import { ascii, blocksOf, fileOf } from "./blocks.ts";
import { framesOf, writePcap } from "./captures.ts";
import { convert } from "./convert.ts";

const folder = mkdtempSync(join(tmpdir(), "socklens-redaction-"));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);
const secret = new Uint8Array(32).fill(5);

/** What tells who was there, as it stands in the recording. */
const telling = {
  names: [
    "www.example.org",
    "alice",
    "hunter2",
    "/home/alice",
    "secret-service",
    "wg-alice",
    "my-container",
    "0123456789abcdef0123",
  ],
  texts: ["10.0.0.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "02:00:00:00:00:01", "02:00:00:00:00:02"],
  bytes: ["0a000001", "c0000202", "20010db8", "020000000001", "020000000002"],
};

const record = JSON.stringify({
  timestamp: "2023-11-14T22:13:20.000000+0000",
  flow_id: 1,
  event_type: "flow",
  proto: "TCP",
  src_ip: "10.0.0.1",
  src_port: 50_000,
  dest_ip: "192.0.2.2",
  dest_port: 443,
  in_iface: "wg-alice",
  ether: { src_mac: "02:00:00:00:00:01", dest_mac: "02:00:00:00:00:02" },
  flow: {
    pkts_toserver: 1,
    pkts_toclient: 0,
    start: "2023-11-14T22:13:20.000000+0000",
    end: "2023-11-14T22:13:20.000000+0000",
  },
  attribution: "socket",
  app_proto: "tls",
  tls: { sni: "www.example.org", subject: "CN=www.example.org" },
  hostname: "www.example.org",
  hostname_source: "sni",
  app_hostname: "www.example.org",
  translated: ["10.0.0.1:50000"],
  process: {
    pid: 7,
    name: "curl",
    executable: "/usr/bin/curl",
    command_line: "curl -u alice:hunter2 https://www.example.org",
    args: ["curl", "-u", "alice:hunter2"],
    working_directory: "/home/alice",
    user: { id: 1000, name: "alice" },
    group: { id: 1000 },
    parent: { pid: 1, name: "bash" },
    ancestors: [{ pid: 1, name: "bash" }],
    container: { id: "0123456789abcdef0123", runtime: "docker", name: "my-container" },
    service: "secret-service@alice.service",
  },
});

function recording(): Uint8Array {
  const of = blocksOf(true);
  const frames = Object.values(sampleFrames()).map((frame) => Buffer.from(withChecksums(frame)).toString("hex"));
  return fileOf(
    of.section(of.option(1, ascii("of alice")) + of.option(3, ascii("Linux of alice")) + of.end),
    of.interface(
      1,
      of.option(2, ascii("wg-alice")) +
        of.option(3, ascii("tunnel of alice")) +
        of.option(4, "0a000001ffffff00") +
        of.option(5, "20010db800000000000000000000000140") +
        of.option(6, "020000000001") +
        of.option(11, `00${ascii("host 192.0.2.2")}`) +
        of.end,
    ),
    of.secrets("CLIENT_RANDOM alice"),
    of.names([
      [1, `c0000202${ascii("www.example.org")}00`],
      [2, `20010db8000000000000000000000002${ascii("www.example.org")}00${ascii("alice")}00`],
      [3, `020000000001${ascii("alice")}00`],
    ]),
    of.custom(32_473, `${ascii("SOCKLENS")}01000000${ascii(`${record}\n`)}`),
    ...frames.map((frame, index) => of.packet(0, index, frame, of.option(1, ascii("alice was here")) + of.end)),
    of.custom(4711, ascii("alice")),
    of.block(0x0f00, ascii("alice") + "000000"),
    of.statistics(0, 5, of.option(1, ascii("alice")) + of.option(4, of.u64(9)) + of.end),
  );
}

function assertNothingTold(bytes: Uint8Array, what: string): void {
  const buffer = Buffer.from(bytes);
  for (const text of [...telling.names, ...telling.texts]) {
    assert.equal(buffer.includes(text), false, `${what}: ${text}`);
  }
  for (const address of telling.bytes) assert.equal(buffer.includes(hex(address)), false, `${what}: ${address}`);
}

for (const mode of [["--redact"], ["--redact", "prefix"]]) {
  test(`${mode.join(" ")}: nothing of what tells who was there is left, in pcapng, pcap and beside it`, async () => {
    writeFileSync(file("told.pcapng"), recording());
    const { lines, code } = await convert([file("told.pcapng"), ...mode, "-o", file("hidden.pcapng")], secret);
    assert.equal(code, 0);
    assertNothingTold(readFileSync(file("hidden.pcapng")), "pcapng");
    const frames = Object.keys(sampleFrames()).length;
    assert.deepEqual(lines, [
      `${frames} packets written; 4 packets cut where they are not understood; left out: ${frames + 2} comments, ` +
        "2 options, 1 block of secrets, 1 custom block, 1 block of its own",
    ]);
    await convert([file("told.pcapng"), ...mode, "-o", file("hidden.pcap")], secret);
    assertNothingTold(readFileSync(file("hidden.pcap")), "pcap");
    assertNothingTold(readFileSync(file("hidden.pcap.jsonl")), "sidecar");
    assert.match(readFileSync(file("hidden.pcap.jsonl"), "utf8"), /"executable":"\/usr\/bin\/curl"/);
  });
}

test("records, names and frames have the same pseudonyms", async () => {
  writeFileSync(file("told.pcapng"), recording());
  await convert([file("told.pcapng"), "--redact", "-o", file("hidden.pcap")], secret);
  const [, , line] = readFileSync(file("hidden.pcap.jsonl"), "utf8").split("\n");
  const { src_ip: source } = JSON.parse(line!) as { src_ip: string };
  const { frames } = await framesOf(file("hidden.pcap"));
  const address = Buffer.from(source.split(".").map(Number)).toString("hex");
  assert.equal(frames[0]!.split(" ")[3]!.slice(52, 60), address);
});

test("a key gives the same pseudonyms in every run, no key others each time", async () => {
  const source = writePcap(
    file("plain.pcap"),
    Object.values(sampleFrames()).map((bytes, at) => ({ at, bytes })),
  );
  writeFileSync(file("key"), "a key of twenty bytes");
  const run = async (name: string, ...args: string[]): Promise<Uint8Array> => {
    assert.equal((await convert([source, "--redact", ...args, "-o", file(name)])).code, 0);
    return readFileSync(file(name));
  };
  const keyed = await run("keyed-1.pcap", "--redact-key", file("key"));
  assert.deepEqual(await run("keyed-2.pcap", "--redact-key", file("key")), keyed);
  assert.notDeepEqual(await run("other-1.pcap"), await run("other-2.pcap"));
});

test("what cannot be redacted is left out and counted by its link type", async () => {
  const source = writePcap(file("usb.pcap"), [{ at: 1, bytes: hex("00".repeat(64)) }], { linkType: 220 });
  const { code, lines } = await convert([source, "--redact", "-o", file("usb-out.pcapng")]);
  assert.equal(code, 0);
  assert.deepEqual(lines, ["0 packets written; left out: 1 packet of USB_LINUX_MMAPPED that cannot be redacted"]);
});

test("--keep-payload keeps it, and --snap a part of it", async () => {
  const { tcpIpv4 } = sampleFrames();
  const source = writePcap(file("payload.pcap"), [{ at: 1, bytes: tcpIpv4 }]);
  const lengthOf = async (...args: string[]): Promise<number> => {
    await convert([source, "--redact", ...args, "-o", file("payload-out.pcap")]);
    return (await framesOf(file("payload-out.pcap"))).frames[0]!.split(" ")[3]!.length / 2;
  };
  assert.equal(await lengthOf(), 66);
  assert.equal(await lengthOf("--keep-payload"), tcpIpv4.length);
  assert.equal(await lengthOf("--keep-payload", "--snap", "4"), 70);
});

const checks = ["ip", "tcp", "udp"].flatMap((name) => ["-o", `${name}.check_checksum:TRUE`]);
const statuses = ["ip", "tcp", "udp", "icmp", "icmpv6", "igmp"].map((name) => `${name}.checksum.status`);
const addressFields =
  "eth.addr ip.addr ipv6.addr arp.src.hw_mac arp.src.proto_ipv4 arp.dst.proto_ipv4 icmpv6.nd.ns.target_address".split(
    " ",
  );

/** A line a packet, with the values of the fields. */
function tshark(path: string, fields: readonly string[]): string[] {
  const args = ["-n", ...checks, "-r", path, "-T", "fields", ...fields.flatMap((name) => ["-e", name])];
  const text = execFileSync("tshark", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 1 << 28,
  });
  return text.trimEnd().split("\n");
}

function absent(): string | false {
  try {
    execFileSync("tshark", ["-v"]);
    return false;
  } catch {
    return "program missing: tshark";
  }
}

test("tshark finds the checksums as right or wrong as they were", { skip: absent() }, async () => {
  const frames = Object.values(sampleFrames());
  const source = writePcap(
    file("checksums.pcap"),
    [...frames.map((frame) => withChecksums(frame)), ...frames].map((bytes, at) => ({ at, bytes })),
  );
  const before = tshark(source, statuses);
  assert.ok(before.some((line) => line.includes("1")) && before.some((line) => line.includes("0")));
  for (const mode of [["--redact"], ["--redact", "prefix"]]) {
    await convert([source, ...mode, "--keep-payload", "-o", file("checksums-out.pcap")]);
    const redacted = tshark(file("checksums-out.pcap"), statuses);
    assert.equal(redacted.length, before.length);
    const lengths = (await framesOf(file("checksums-out.pcap"))).frames.map((frame) => frame.split(" ")[3]!.length / 2);
    const whole = lengths.flatMap((length, index) => (length === frames[index % frames.length]!.length ? [index] : []));
    assert.ok(whole.length > frames.length * 1.6, `${whole.length} of ${lengths.length} are whole`);
    for (const index of whole) assert.equal(redacted[index], before[index], `frame ${index + 1}`);
  }
});

/** What stays what it is: loopback, broadcast, nobody, groups that every network has, and addresses of no interface. */
const everywhere =
  /^(?:127\.|0\.0\.0\.0$|255\.255\.255\.255$|224\.0\.[01]\.|239\.255\.255\.250$|::1?$|ff0\w::|ff:ff:ff:ff:ff:ff$|00:00:00:00:00:00$|01:00:5e:00:0[01]:|01:00:5e:7f:ff:fa$|33:33:00:0[01]:|01:80:c2:|01:00:0c:cc:cc:)/;

test(
  "tshark finds no address of the fixtures in them any more, and their checksums as they were",
  { skip: absent() },
  async () => {
    const fixtures = globSync("../dissect/fixtures/*.pcap", { cwd: import.meta.dirname }).sort();
    assert.ok(fixtures.length > 20);
    const paths = fixtures.map((name) => join(import.meta.dirname, name));
    await convert([...paths, "-o", file("fixtures.pcapng")]);
    await convert([...paths, "--redact", "--keep-payload", "-o", file("fixtures-out.pcapng")], secret);
    const [before, after] = [file("fixtures.pcapng"), file("fixtures-out.pcapng")];
    assert.deepEqual(tshark(after, statuses), tshark(before, statuses));
    const real = tshark(before, addressFields);
    for (const [index, line] of tshark(after, addressFields).entries()) {
      const values = real[index]!.split(/[\t,]/);
      for (const [place, value] of line.split(/[\t,]/).entries()) {
        if (value !== "" && !everywhere.test(value)) assert.notEqual(value, values[place], `packet ${index + 1}`);
      }
    }
  },
);
