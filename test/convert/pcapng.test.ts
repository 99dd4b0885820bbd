import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { eachOption, flowRecordsIn, openCapture } from "../../src/files/index.ts";
import { sampleFrames } from "../wire/frames.ts";
import { ascii, blocksOf, fileOf } from "./blocks.ts";
import { framesOf } from "./captures.ts";
import { convert } from "./convert.ts";

const folder = mkdtempSync(join(tmpdir(), "socklens-convert-"));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

const frame = Buffer.from(sampleFrames().tcpIpv4).toString("hex");

/** Everything that a section can hold, times in 2^-10 seconds on one interface and nanoseconds on the other. */
function everything(little: boolean): Uint8Array {
  const of = blocksOf(little);
  const flags = of.option(2, of.u32(2));
  return fileOf(
    of.section(
      of.option(2, ascii("a machine")) + of.option(3, ascii("an OS")) + of.option(1, ascii("made by hand")) + of.end,
    ),
    of.interface(1, of.option(2, ascii("eth0")) + of.option(9, "8a") + of.option(8, of.u64(1e9)) + of.end),
    of.interface(1, of.option(2, ascii("eth1")) + of.option(9, "09") + of.option(14, of.u64(100)) + of.end),
    of.secrets("CLIENT_RANDOM 00 11"),
    of.names([[1, `c0000202${ascii("www.example.org")}00`]], of.option(2, ascii("resolver")) + of.end),
    of.packet(0, 1024 * 50 + 512, frame, of.option(1, ascii("a comment")) + flags + of.option(4, of.u64(7)) + of.end),
    of.packet(1, 5_000_000_007, frame, of.option(2988, of.u32(99) + ascii("own")) + of.end),
    of.custom(4711, ascii("bytes of somebody"), little ? 0x0bad : 0x4000_0bad),
    of.block(0x0000_0f00, ascii("unknown.")),
    of.statistics(
      1,
      6_000_000_000,
      of.option(2, of.time(1_000_000_000)) + of.option(4, of.u64(12)) + of.option(5, of.u64(3)) + of.end,
    ),
  );
}

/** What a file holds, in words. */
async function contents(path: string): Promise<string[]> {
  const told: string[] = [];
  const descriptor = openSync(path, "r");
  const capture = openCapture(descriptor, {
    batchFrames: 1,
    observer: {
      section: (facts) => told.push(`section ${JSON.stringify({ ...facts, littleEndian: true })}`),
      name: (address, name) => told.push(`name ${address} ${name}`),
      customBlock: ({ enterprise, data }) => told.push(`custom ${enterprise} ${Buffer.from(data).toString("latin1")}`),
      secrets: (type, bytes) => told.push(`secrets ${type.toString(16)} ${Buffer.from(bytes).toString("latin1")}`),
      otherBlock: (type) => told.push(`other ${type}`),
    },
  });
  for await (const batch of capture.batches) {
    const options: string[] = [];
    const start = batch.optionOffsets[0]!;
    eachOption(batch.bytes, start, start + batch.optionLengths[0]!, batch.littleEndian, (code, value, length) => {
      options.push(`${code}=${Buffer.from(batch.bytes.subarray(value, value + length)).toString("hex")}`);
    });
    const time = `${batch.seconds[0]}.${String(batch.nanoseconds[0]).padStart(9, "0")}`;
    told.push(`frame ${batch.interfaceIndexes[0]} ${time} ${options.join(" ")}`);
  }
  closeSync(descriptor);
  assert.equal(capture.damage, undefined);
  for (const { name, linkType, statistics } of capture.interfaces) {
    told.push(`interface ${name} ${linkType} ${JSON.stringify(statistics ?? {})}`);
  }
  return told;
}

before(() => {
  writeFileSync(file("little.pcapng"), everything(true));
  writeFileSync(file("recorded.pcapng"), recording(5, "192.0.2.1"));
});

test("pcapng to pcapng keeps comments, options, names, secrets, statistics and other blocks", async () => {
  const { lines } = await convert([file("little.pcapng"), "-o", file("little-out.pcapng")]);
  assert.deepEqual(lines, ["2 packets written"]);
  const kept = await contents(file("little-out.pcapng"));
  assert.deepEqual(kept, await contents(file("little.pcapng")));
  assert.ok(kept.includes("frame 0 50.500000000 1=6120636f6d6d656e74 2=02000000 4=0700000000000000"));
  assert.ok(kept.includes("frame 1 105.000000007 2988=630000006f776e"));
  assert.ok(kept.includes('interface eth1 1 {"received":12,"dropped":3}'));
});

test("a file of the other byte order is turned round; what nobody can turn is counted", async () => {
  writeFileSync(file("big.pcapng"), everything(false));
  const { lines } = await convert([file("big.pcapng"), "-o", file("big-out.pcapng")]);
  assert.deepEqual(lines, ["2 packets written; left out: 1 custom block, 1 block of its own"]);
  const isTurnable = (line: string): boolean => !/^(?:custom|other) /.test(line);
  const expected = (await contents(file("little.pcapng"))).filter(isTurnable);
  assert.deepEqual(await contents(file("big-out.pcapng")), expected);
});

test("times keep their unit where the interface has microseconds or coarser, else they are nanoseconds", async () => {
  await convert([file("little.pcapng"), "-o", file("fine-out.pcapng")]);
  const { capture } = await framesOf(file("fine-out.pcapng"));
  assert.deepEqual(
    capture.interfaces.map(({ ticksPerSecond }) => ticksPerSecond),
    [1e9, 1e9],
  );
  const of = blocksOf(true);
  writeFileSync(
    file("coarse.pcapng"),
    fileOf(of.section(), of.interface(1), of.packet(0, 1_700_000_000_000_001, frame)),
  );
  await convert([file("coarse.pcapng"), "-o", file("coarse-out.pcapng")]);
  assert.equal((await framesOf(file("coarse-out.pcapng"))).capture.interfaces[0]?.ticksPerSecond, 1e6);
});

test("pcap has no room for the rest, and the last line counts it", async () => {
  const { lines } = await convert([file("little.pcapng"), "-o", file("little.pcap")]);
  assert.deepEqual(lines, [
    "2 packets written; left out: 2 comments, 1 block of secrets, 1 block of names, 1 custom block, 1 block of its own",
  ]);
});

test("several sections become one, each with its interfaces", async () => {
  const of = blocksOf(true);
  const section = (name: string, ticks: number): string =>
    of.section() +
    of.interface(1, of.option(2, ascii(name)) + of.end) +
    of.packet(0, ticks, frame) +
    of.statistics(0, ticks, of.option(4, of.u64(ticks)) + of.end);
  writeFileSync(file("sections.pcapng"), fileOf(section("one", 1), section("two", 2)));
  await convert([file("sections.pcapng"), "-o", file("sections-out.pcapng")]);
  const kept = await contents(file("sections-out.pcapng"));
  assert.deepEqual(
    kept.filter((line) => !line.startsWith("section")),
    [
      "frame 0 0.000001000 ",
      "frame 1 0.000002000 ",
      'interface one 1 {"received":1}',
      'interface two 1 {"received":2}',
    ],
  );
  assert.equal(kept.length, 5);
});

/** A recording of two flows, each with a record before its frame and one after it. */
function recording(id: number, address: string): Uint8Array {
  const of = blocksOf(true);
  const record = (flow: number, name: string): string =>
    `{"timestamp":"2023-11-14T22:13:20.000000+0000","flow_id":${flow},"event_type":"flow","proto":"UDP","src_ip":"${address}","src_port":${flow},"dest_ip":"192.0.2.2","dest_port":53,"flow":{"pkts_toserver":1,"pkts_toclient":0,"bytes_toserver":60,"bytes_toclient":0,"start":"2023-11-14T22:13:20.000000+0000","end":"2023-11-14T22:13:20.000000+0000","age":0,"state":"new"},"attribution":"socket","process":{"pid":7,"name":"${name}"}}\n`;
  const records = (text: string): string => of.custom(32_473, `${ascii("SOCKLENS")}01000000${ascii(text)}`);
  const reference = (flow: number): string => of.option(2989, of.u32(32_473) + of.u32(flow)) + of.end;
  return fileOf(
    of.section(),
    of.interface(
      1,
      of.option(2, ascii("eth7")) + of.option(4, "c0000201ffffffff") + of.option(11, `00${ascii("udp")}`) + of.end,
    ),
    records(record(id, "before")),
    of.packet(0, id, frame, reference(id)),
    records(record(id, "after") + record(id + 1, "other")),
    of.packet(0, id + 1, frame, reference(id + 1)),
    of.statistics(0, id + 2, of.option(6, of.u64(20)) + of.option(7, of.u64(3)) + of.end),
  );
}

/** Numbers of the records, names of their processes, and numbers that frames refer to. */
async function flowsOf(path: string): Promise<{ readonly records: string[]; readonly references: number[] }> {
  const records: string[] = [];
  const references: number[] = [];
  const descriptor = openSync(path, "r");
  const { batches } = openCapture(descriptor, {
    observer: {
      customBlock({ data }) {
        for (const line of Buffer.from(flowRecordsIn(data) ?? [])
          .toString()
          .split("\n")) {
          if (line === "") continue;
          const { flow_id: id, process } = JSON.parse(line) as { flow_id: number; process: { name: string } };
          records.push(`${id} ${process.name}`);
        }
      },
    },
  });
  for await (const batch of batches) {
    for (let index = 0; index < batch.count; index++) {
      const start = batch.optionOffsets[index]!;
      eachOption(batch.bytes, start, start + batch.optionLengths[index]!, true, (code, value) => {
        if (code === 2989) references.push(Buffer.from(batch.bytes).readUInt32LE(value + 4));
      });
    }
  }
  closeSync(descriptor);
  return { records, references };
}

test("flow records and what refers to them stay as they are", async () => {
  await convert([file("recorded.pcapng"), "-o", file("recorded-out.pcapng")]);
  const expected = { records: ["5 before", "5 after", "6 other"], references: [5, 6] };
  assert.deepEqual(await flowsOf(file("recorded-out.pcapng")), expected);
});

test("numbers of flows of two recordings, or of two sections, do not meet", async () => {
  writeFileSync(file("first.pcapng"), recording(5, "192.0.2.1"));
  writeFileSync(file("second.pcapng"), recording(5, "192.0.2.9"));
  await convert([file("first.pcapng"), file("second.pcapng"), "-o", file("both.pcapng")]);
  const both = await flowsOf(file("both.pcapng"));
  assert.deepEqual(both.references, [10, 11, 12, 13]);
  assert.deepEqual(both.records.toSorted(), ["10 after", "10 before", "11 after", "11 before", "12 other", "13 other"]);
  writeFileSync(file("joined.pcapng"), Buffer.concat([recording(5, "192.0.2.1"), recording(5, "192.0.2.9")]));
  await convert([file("joined.pcapng"), "-o", file("joined-out.pcapng")]);
  const joined = await flowsOf(file("joined-out.pcapng"));
  assert.deepEqual(joined.references, [5, 6, 11, 12]);
  assert.deepEqual(joined.records, ["5 before", "5 after", "6 other", "11 before", "11 after", "12 other"]);
});

test("owners go beside a pcap file, and come back from there", async () => {
  await convert([file("recorded.pcapng"), "-o", file("beside.pcap")]);
  const lines = readFileSync(file("beside.pcap.jsonl"), "utf8").trim().split("\n");
  const types = lines.map((line) => (JSON.parse(line) as { event_type: string }).event_type);
  assert.deepEqual(types, ["sidecar", "interface", "flow", "flow", "flow", "capture"]);
  await convert([file("beside.pcap"), "-o", file("back.pcapng")]);
  const { records } = await flowsOf(file("back.pcapng"));
  assert.deepEqual(records, ["5 before", "5 after", "6 other"]);
  // The first frame stands before what is known of the flows: readers count times from it.
  const told = await contents(file("back.pcapng"));
  assert.match(told[1]!, /^frame 0 /);
  assert.match(told[2]!, /^custom 32473 SOCKLENS/);
  assert.ok(told.includes('interface eth7 1 {"accepted":20,"systemDropped":3,"delivered":2}'), told.join("\n"));
  const [known] = (await framesOf(file("back.pcapng"))).capture.interfaces;
  assert.deepEqual([known?.addresses, known?.filter], [["192.0.2.1"], "udp"]);
});

test("names of addresses that no connection of the part has are left out", async () => {
  const of = blocksOf(true);
  const names: readonly (readonly [number, string])[] = [
    [1, `c0000202${ascii("kept")}00`],
    [1, `c0000299${ascii("other")}00`],
  ];
  writeFileSync(file("named.pcapng"), fileOf(of.section(), of.interface(1), of.names(names), of.packet(0, 1, frame)));
  const namesOf = async (...args: string[]): Promise<string[]> => {
    await convert([file("named.pcapng"), ...args, "-o", file("named-out.pcapng")]);
    return (await contents(file("named-out.pcapng"))).filter((line) => line.startsWith("name "));
  };
  assert.deepEqual(await namesOf(), ["name 192.0.2.2 kept", "name 192.0.2.153 other"]);
  assert.deepEqual(await namesOf("--filter", "port:443"), ["name 192.0.2.2 kept"]);
  assert.deepEqual(await namesOf("--filter", "port:1"), []);
  assert.deepEqual(await namesOf("--to", "1"), ["name 192.0.2.2 kept"]);
});

test("records of flows that are filtered out are left out", async () => {
  const { lines } = await convert([file("recorded.pcapng"), "--filter", "process:nobody", "-o", file("none.pcapng")]);
  assert.deepEqual(lines, ["0 packets written"]);
  assert.deepEqual(await flowsOf(file("none.pcapng")), { records: [], references: [] });
});
