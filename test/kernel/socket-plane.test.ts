/** The real socket plane keeps the contract of `src/model/host.ts`, on TCP over loopback. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { attachSocketPlane } from "../../src/host/linux/bpf/attach.ts";
import { openSocketPlane } from "../../src/host/linux/bpf/open.ts";
import { socketPlaneContract, type ContractFlow, type PlaneFixture } from "../host-contract/socket-plane-contract.ts";

const tcp = 6;
const openedHere = 1;

/** Loads and attaches in this process: the links end with it. */
async function realPlane(): Promise<PlaneFixture> {
  const opened = openSocketPlane();
  if (!opened.ok) throw new Error(opened.reason);
  const attached = attachSocketPlane(opened.description, opened.descriptors);
  if (typeof attached === "string") throw new Error(attached);
  const server = createServer((socket) => socket.on("error", () => {}).resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const clients = new Set<Socket>();
  const open = async (): Promise<ContractFlow> => {
    const client = connect({ port, host: "127.0.0.1", noDelay: true });
    clients.add(client);
    await once(client, "connect");
    const { localPort } = client;
    return {
      matches: (flow) => flow.protocolNumber === tcp && flow.localPort === localPort && flow.opener === openedHere,
      send: (bytes) => new Promise((resolve) => client.write(bytes, () => resolve())),
      end: async () => {
        client.end();
        await once(client, "close");
        clients.delete(client);
      },
    };
  };
  return {
    plane: attached.sockets,
    open,
    close: async () => {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, "close");
      attached.sockets.close();
    },
  };
}

const missing = process.getuid?.() === 0 ? undefined : "needs root";
if (missing === undefined) socketPlaneContract("Linux", realPlane);
else test("socket plane contract: Linux", { skip: missing }, () => {});
