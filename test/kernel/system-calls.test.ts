import { after, before, describe, it, type TestContext } from "node:test";
import { Bed, missing, program } from "./harness/index.ts";

const skip = missing() ?? false;

/** What a traffic program ends with when the kernel cannot do what it is about. */
const unsupported = 77;

describe("ways to move bytes", { skip }, () => {
  let bed: Bed;
  before(async () => {
    bed = await Bed.create();
    await bed.ready(bed.right, [program("tcp-server"), bed.right.ipv4, "5400"]);
    await bed.ready(bed.right, [program("tcp-server"), bed.right.ipv4, "5401"]);
    await bed.ready(bed.right, [program("tcp-server"), bed.right.ipv4, "5402"]);
    await bed.ready(bed.right, [program("tcp-server"), bed.right.ipv4, "5403"]);
  });
  after(async () => {
    await bed?.close();
  });

  const scenario = async (t: TestContext, method: string, port: number): Promise<void> => {
    const command = [program("transfer"), method, bed.right.ipv4, String(port), "12000000", "8000000"];
    const client = bed.start(bed.left, command);
    if ((await client.ended) === unsupported) {
      t.skip(`kernel feature missing: ${method} (${client.stderr.trim()})`);
      return;
    }
    await client.finished();
    const counted = await bed.exchangedWhenQuiet("TCP", port);
    await bed.expectClient({ what: method, proto: "TCP", port, client, name: "transfer", counted });
  };

  it("counts sendfile", (t) => scenario(t, "sendfile", 5400));
  it("counts splice to and from a socket", (t) => scenario(t, "splice", 5401));
  it("counts io_uring send and receive", (t) => scenario(t, "io_uring", 5402));
  it("counts io_uring requests done by kernel workers", (t) => scenario(t, "io_uring-worker", 5403));
});
