import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { executable, missing, PairBed, program, run, until } from "./harness/index.ts";

const skip = missing("tshark", "capinfos", "editcap") ?? false;
const dissector = join(import.meta.dirname, "../../wireshark/socklens.lua");

/** Lines that tshark prints of a recording, with the dissector. Two passes: a record may follow its flow's first packet. */
const tshark = (file: string, ...words: readonly string[]): string[] =>
  run(["tshark", "-2", "-X", `lua_script:${dissector}`, "-r", file, ...words])
    .split("\n")
    .filter((line) => line !== "");

describe("a recording", { skip }, () => {
  let bed: PairBed;
  before(() => {
    bed = new PairBed();
  });
  after(() => bed?.close());

  /** Records on the left while `traffic` runs; resolves when the file is whole. */
  const record = async (file: string, words: readonly string[], traffic: () => Promise<void>): Promise<string> => {
    const recorder = bed.start("left", [executable, "record", "-w", file, ...words]);
    // The first frame of its own that it says it has is not there yet: it is ready when the file has its header.
    await until(() => {
      try {
        return readFileSync(file.replace(/\.pcapng$/, words.includes("--files") ? "-1.pcapng" : ".pcapng")).length > 0;
      } catch {
        return false;
      }
    });
    await traffic();
    if (recorder.status === undefined) await recorder.stop("SIGINT");
    return recorder.stderr;
  };
  const transfer = async (port: number, ...words: readonly string[]): Promise<number> => {
    const client = bed.start("left", [program("tcp-client"), bed.pair.right.ipv4, String(port), ...words]);
    await client.finished();
    return client.pid;
  };

  it("is read by Wireshark's programs, packet for packet, and its owners are fields to filter by", async () => {
    await bed.serve("right", bed.pair.right.ipv4, 6201);
    await bed.serve("right", bed.pair.right.ipv4, 6202);
    const file = join(bed.pair.network.directory, "owners.pcapng");
    let first = 0;
    let second = 0;
    await record(file, [], async () => {
      first = await transfer(6201, "200000", "1000");
      second = await transfer(6202, "50", "50", "-s", "10");
    });
    run(["capinfos", file]);
    const copy = join(bed.pair.network.directory, "copy.pcapng");
    run(["editcap", file, copy]);
    for (const [port, pid] of [
      [6201, first],
      [6202, second],
    ] as const) {
      const ofPort = tshark(file, "-Y", `tcp.port == ${port}`, "-T", "fields", "-e", "frame.number");
      const ofProcess = tshark(file, "-Y", `socklens.process.pid == ${pid}`, "-T", "fields", "-e", "frame.number");
      assert.deepEqual(ofProcess, ofPort, `packets of port ${port}`);
    }
    const [facts] = tshark(
      file,
      ...["-Y", `socklens.process.pid == ${first}`, "-T", "fields"],
      ...["-e", "socklens.process.name", "-e", "socklens.process.executable", "-e", "socklens.direction"],
    );
    assert.equal(facts, ["tcp-client", program("tcp-client"), "outbound"].join("\t"));
  });

  it("keeps only what a filter asks for, ends after so many packets, cuts frames, and takes turns among files", async () => {
    await bed.serve("right", bed.pair.right.ipv4, 6211);
    await bed.serve("right", bed.pair.right.ipv4, 6212);
    const directory = join(bed.pair.network.directory, "more");
    mkdirSync(directory);
    const packets = (file: string, filter = "tcp"): number => tshark(file, "-Y", filter).length;

    const filtered = join(directory, "filtered.pcapng");
    await record(filtered, ["--filter", "port:6211"], async () => {
      await transfer(6211, "3000", "10");
      await transfer(6212, "3000", "10");
    });
    assert.ok(packets(filtered, "tcp.port == 6211") > 6);
    assert.equal(packets(filtered, "tcp.port == 6212"), 0);

    const few = join(directory, "few.pcapng");
    const said = await record(few, ["--packets", "5", "--snaplen", "60", "-f", "tcp port 6211"], async () => {
      await transfer(6211, "30000", "10");
      await until(() => readFileSync(few).length > 600);
    });
    assert.match(said, /5 packets/);
    const lengths = tshark(few, "-Y", "tcp", "-T", "fields", "-e", "frame.cap_len");
    assert.equal(lengths.length, 5);
    assert.ok(
      lengths.every((length) => Number(length) <= 60),
      lengths.join(" "),
    );

    const turns = join(directory, "turns.pcapng");
    await record(turns, ["--files", "3", "--rotate-size", "65536"], async () => {
      const size = (number: number): number => statSync(join(directory, `turns-${number}.pcapng`)).size;
      // A file is full when a block of the ring was written behind its size; a block is handed over ten times a second.
      for (let round = 0; round < 100 && size(3) < 10_000; round++) await transfer(6212, "300000", "10");
    });
    // The newest may just have been begun: it holds no more than its header then.
    const filled = [1, 2, 3].filter((number) => packets(join(directory, `turns-${number}.pcapng`)) > 0);
    assert.ok(filled.length >= 2, `files with packets: ${filled.join(" ")}`);
    for (const number of filled) {
      const file = join(directory, `turns-${number}.pcapng`);
      const named = tshark(file, "-Y", 'tcp.port == 6212 && socklens.process.name == "tcp-client"').length;
      assert.equal(named, packets(file, "tcp.port == 6212"), `owners in file ${number}`);
    }
  });

  it("tells interfaces apart, and both ends of what crosses loopback", async () => {
    await bed.serve("right", bed.pair.right.ipv4, 6221);
    await bed.serve("left", "127.0.0.1", 6222);
    const file = join(bed.pair.network.directory, "interfaces.pcapng");
    let client = 0;
    await record(file, [], async () => {
      await transfer(6221, "5000", "5000");
      const local = bed.start("left", [program("tcp-client"), "127.0.0.1", "6222", "5000", "5000"]);
      await local.finished();
      client = local.pid;
    });
    const count = (filter: string): number => tshark(file, "-Y", filter).length;
    const [far, near] = [count("tcp.port == 6221"), count("tcp.port == 6222")];
    assert.ok(far > 6 && near > 6, `${far} and ${near} frames`);
    assert.equal(count(`tcp.port == 6221 && frame.interface_name == "${bed.pair.links.left}"`), far);
    assert.equal(count('tcp.port == 6222 && frame.interface_name == "lo"'), near);
    assert.equal(count(`tcp.port == 6222 && socklens.process.pid == ${client}`), near, "the client's end");
    assert.equal(count('tcp.port == 6222 && socklens.process.name == "tcp-server"'), near, "the server's end");
    assert.equal(
      count('tcp.port == 6221 && socklens.process.name == "tcp-server"'),
      0,
      "the server is not of this machine",
    );
  });

  it("is whole when the disk is full, with owners, and tells how many packets it has", async () => {
    await bed.serve("right", bed.pair.right.ipv4, 6231);
    const directory = join(bed.pair.network.directory, "small");
    const copy = join(bed.pair.network.directory, "full.pcapng");
    mkdirSync(directory);
    // A disk that no other program sees, of 2 MiB.
    const script = `mount -t tmpfs -o size=2m none "$1" || exit 9
      "$2" record -w "$1/full.pcapng"; status=$?; cp "$1/full.pcapng" "$3"; exit $status`;
    const words = ["unshare", "-m", "sh", "-c", script, "sh", directory, executable, copy];
    const recorder = bed.start("left", words);
    const inside = `/proc/${recorder.pid}/root${directory}/full.pcapng`;
    await until(() => recorder.status !== undefined || (statSync(inside, { throwIfNoEntry: false })?.size ?? 0) > 0);
    for (let round = 0; round < 60 && recorder.status === undefined; round++) await transfer(6231, "500000", "10");
    await until(() => recorder.status !== undefined, 60_000);
    assert.equal(recorder.status, 1, recorder.describe());
    const [, told = ""] = /^([\d,]+) packets .*\nsocklens: the disk is full\n$/.exec(recorder.stderr) ?? [];
    assert.notEqual(told, "", recorder.stderr);
    run(["capinfos", copy]);
    assert.equal(
      tshark(copy, "-Y", "frame.len > 0 && frame.interface_id >= 0").length,
      Number(told.replaceAll(",", "")),
    );
    assert.notEqual(tshark(copy, "-Y", 'socklens.process.name == "tcp-client"').length, 0);
  });
});
