import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readSidecarLine, type SidecarEntry } from "../../src/export/index.ts";
import { executable, missing, PairBed, program, run, until, type FlowRecord } from "./harness/index.ts";

const skip = missing("tshark", "capinfos", "editcap") ?? false;

const entriesOf = (file: string): SidecarEntry[] =>
  readFileSync(`${file}.jsonl`, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => readSidecarLine(line) ?? assert.fail(`not read: ${line}`));

const size = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

describe("a recording in classic pcap", { skip }, () => {
  let bed: PairBed;
  before(() => {
    bed = new PairBed();
  });
  after(() => bed?.close());

  const transfer = async (address: string, port: number, ...words: readonly string[]): Promise<number> => {
    const client = bed.start("left", [program("tcp-client"), address, String(port), ...words]);
    await client.finished();
    return client.pid;
  };
  /** Records on the left while `traffic` runs; what it said at its end. `first`: the file that is begun first. */
  const record = async (
    file: string,
    words: readonly string[],
    traffic: () => Promise<void>,
    first = file,
  ): Promise<string> => {
    const recorder = bed.start("left", [executable, "record", "-w", file, ...words]);
    await until(() => size(first) > 0);
    await traffic();
    await recorder.stop("SIGINT");
    return recorder.stderr;
  };
  /** Addresses and ports of the file's packets that match, as tshark reads them. */
  const tshark = (file: string, filter: string): number =>
    run(["tshark", "-r", file, "-Y", filter]).split("\n").length - 1;

  it("is read by Wireshark's programs, and its sidecar tells owners, interfaces and counts", async () => {
    await bed.serve("right", bed.pair.right.ipv4, 6301);
    await bed.serve("left", "127.0.0.1", 6302);
    const file = join(bed.pair.network.directory, "owners.pcap");
    let far = 0;
    let near = 0;
    const said = await record(file, [], async () => {
      far = await transfer(bed.pair.right.ipv4, 6301, "200000", "1000");
      near = await transfer("127.0.0.1", 6302, "5000", "50");
    });
    assert.match(said, /packets \(.*\) recorded, 0 dropped/);
    assert.match(run(["capinfos", "-t", "-E", file]), /nanosecond[^]*Ethernet/i);
    run(["editcap", file, join(bed.pair.network.directory, "copy.pcap")]);

    const entries = entriesOf(file);
    assert.equal(entries[0]?.kind, "header");
    const names = entries.flatMap((entry) => (entry.kind === "interface" ? [entry.interface.name] : []));
    assert.deepEqual(names.toSorted(), ["lo", bed.pair.links.left]);
    const last = entries.at(-1);
    assert.ok(last?.kind === "statistics");
    assert.equal(last.statistics.delivered, tshark(file, "frame"));
    assert.equal(last.statistics.dropped, 0);

    const flows = entries.flatMap((entry) => (entry.kind === "flow" ? [entry.flow] : []));
    const ofPort = (port: number): typeof flows => flows.filter(({ destination }) => destination.port === port);
    const [client] = ofPort(6301);
    assert.equal(ofPort(6301).length, 1, "one line a flow");
    assert.equal(client?.process?.pid, far);
    assert.equal(client.process.executable, program("tcp-client"));
    assert.deepEqual(client.process.commandLine?.slice(0, 2), [program("tcp-client"), bed.pair.right.ipv4]);
    assert.equal(client.process.ancestors?.[0]?.pid, process.pid);
    assert.equal(client.process.user?.id, 0);
    // Replay finds the sidecar beside the file, unless it is told not to, or where to look.
    const owners = (...words: readonly string[]): string[] => {
      const lines = run([executable, "replay", file, "--json", ...words])
        .split("\n")
        .slice(0, -1);
      const records = lines.map((line) => JSON.parse(line) as FlowRecord);
      return records.filter((record) => record.dest_port === 6301).map((record) => record.process?.name ?? "nobody");
    };
    assert.deepEqual(owners(), ["tcp-client"]);
    assert.deepEqual(owners("--no-sidecar"), ["nobody"]);
    const elsewhere = join(bed.pair.network.directory, "elsewhere");
    renameSync(`${file}.jsonl`, elsewhere);
    assert.deepEqual(owners(), ["nobody"]);
    assert.deepEqual(owners("--sidecar", elsewhere), ["tcp-client"]);

    // Both ends of what crosses loopback.
    const ends = ofPort(6302).map((flow) => flow.process?.name ?? "nobody");
    assert.deepEqual(ends.toSorted(), ["tcp-client", "tcp-server"]);
    assert.ok(ofPort(6302).some((flow) => flow.process?.pid === near));
  });

  it("takes turns among files, each with a sidecar of its own", async () => {
    await bed.serve("right", bed.pair.right.ipv4, 6311);
    const directory = join(bed.pair.network.directory, "turns");
    mkdirSync(directory);
    const file = (number: number): string => join(directory, `turns-${number}.pcap`);
    const traffic = async (): Promise<void> => {
      // A file is full when a block of the ring was written behind its size; a block is handed over ten times a second.
      for (let round = 0; round < 100 && size(file(3)) < 10_000; round++) {
        await transfer(bed.pair.right.ipv4, 6311, "300000", "10");
      }
    };
    await record(join(directory, "turns.pcap"), ["--files", "3", "--rotate-size", "65536"], traffic, file(1));
    const filled = [1, 2, 3].filter((number) => size(file(number)) > 24);
    assert.ok(filled.length >= 2, `files with packets: ${filled.join(" ")}`);
    for (const number of filled) {
      const entries = entriesOf(file(number));
      assert.deepEqual([entries[0]?.kind, entries.at(-1)?.kind], ["header", "statistics"], `sidecar ${number}`);
      const told = entries.flatMap((entry) => (entry.kind === "flow" ? [entry.flow] : []));
      const ports = new Set(
        run(["tshark", "-r", file(number), "-Y", "tcp.dstport == 6311", "-T", "fields", "-e", "tcp.srcport"]).split(
          "\n",
        ),
      );
      ports.delete("");
      for (const port of ports) {
        const flow = told.find(({ source }) => String(source.port) === port);
        assert.equal(flow?.process?.name, "tcp-client", `owner of port ${port} in file ${number}`);
      }
    }
  });

  const tunnels = existsSync("/dev/net/tun") ? {} : { skip: "kernel feature missing: TUN devices" };
  it("is refused, in one line and without a file, where frames are of different kinds", tunnels, async () => {
    bed.pair.left.ip("tuntap", "add", "dev", "raw0", "mode", "tun");
    bed.pair.left.ip("link", "set", "raw0", "up");
    try {
      const directory = join(bed.pair.network.directory, "refused");
      mkdirSync(directory);
      const recorder = bed.start("left", [executable, "record", "-w", join(directory, "mixed.pcap")]);
      assert.equal(await recorder.ended, 2);
      assert.match(
        recorder.stderr,
        /^socklens: a pcap file has frames of one kind.*raw0.*\.pcapng file, or choose interfaces with -i\n$/,
      );
      assert.deepEqual(readdirSync(directory), []);
      // One of them is of one kind.
      const file = join(directory, "one.pcap");
      await record(file, ["-i", bed.pair.links.left], async () => {
        await bed.serve("right", bed.pair.right.ipv4, 6321);
        await transfer(bed.pair.right.ipv4, 6321, "1000", "10");
        await until(() => size(file) > 500);
      });
      assert.ok(tshark(file, "tcp.port == 6321") > 4);
    } finally {
      bed.pair.left.ip("link", "delete", "raw0");
    }
  });
});
