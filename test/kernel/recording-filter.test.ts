import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { executable, missing, PairBed, program, run, until } from "./harness/index.ts";

const skip = missing("tshark") ?? false;

/** Answers HTTP requests, as long as it is let. */
const server = `
  const server = require("node:http").createServer((_, response) => response.end("hello"));
  server.listen(+process.argv[2], process.argv[1], () => console.log("ready"));
`;
/** Connects, and asks when somebody presses Enter: frames of the handshake come long before the request. */
const client = `
  const socket = require("node:net").connect(+process.argv[2], process.argv[1], () => console.log("connected"));
  process.stdin.once("data", () => socket.write("GET / HTTP/1.1\\r\\nHost: www.example\\r\\nConnection: close\\r\\n\\r\\n"));
  socket.on("data", () => {}).on("close", () => process.exit());
`;

describe("a recording with a filter for what is known late", { skip }, () => {
  let bed: PairBed;
  before(() => {
    bed = new PairBed();
  });
  after(() => bed?.close());

  for (const [filter, name] of [
    ["app:http", "protocol.pcapng"],
    ["host:www.example", "host.pcap"],
  ] as const) {
    it(`has the handshake of a flow that matches by its request, and nothing of others: ${filter}`, async () => {
      const port = name === "host.pcap" ? 6411 : 6401;
      const { ipv4 } = bed.pair.right;
      await bed.start("right", [process.execPath, "-e", server, ipv4, String(port)]).line(/ready/);
      await bed.serve("right", ipv4, port + 1);
      const file = join(bed.pair.network.directory, name);
      const recorder = bed.start("left", [executable, "record", "-w", file, "--filter", filter]);
      await until(() => existsSync(file) && statSync(file).size > 0);
      const asking = bed.start("left", [process.execPath, "-e", client, ipv4, String(port)]);
      await asking.line(/connected/);
      await bed.start("left", [program("tcp-client"), ipv4, String(port + 1), "3000", "3000"]).finished();
      // The other connection's frames are through the ring: so are those of the handshake, which are held.
      assert.ok(statSync(file).size < 600, "nothing is in the file before the request");
      asking.go();
      await asking.finished();
      await recorder.stop("SIGINT");
      assert.match(recorder.stderr, /packets/);
      const flags = run(["tshark", "-r", file, "-Y", `tcp.port == ${port}`, "-T", "fields", "-e", "tcp.flags.str"])
        .split("\n")
        .map((text) => text.replaceAll("·", ""))
        .filter((text) => text !== "");
      assert.deepEqual(flags.slice(0, 4), ["S", "AS", "A", "AP"], "from the first frame on, in their order");
      assert.equal(run(["tshark", "-r", file, "-Y", `tcp.port == ${port + 1}`]), "");
    });
  }
});
