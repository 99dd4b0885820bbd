import { FakeSocketPlane } from "../../src/host/fake/index.ts";
import { port } from "../../src/model/index.ts";
import { socketPlaneContract } from "./socket-plane-contract.ts";

socketPlaneContract("fake", () => {
  const plane = new FakeSocketPlane(64);
  let next = 1000;
  return {
    plane,
    open() {
      const localPort = port(next++);
      const flow = plane.open({ localPort })!;
      return Promise.resolve({
        matches: (seen) => seen.localPort === localPort,
        send(bytes) {
          flow.count(0, { tx: bytes.length });
          flow.sample({ transmit: true, bytes });
          return Promise.resolve();
        },
        end() {
          flow.release();
          return Promise.resolve();
        },
      });
    },
    close() {
      plane.close();
      return Promise.resolve();
    },
  };
});
