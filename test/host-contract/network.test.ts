import { FakeInterfaces, FakeNetwork } from "../../src/host/fake/index.ts";
import { LinuxInterfaces } from "../../src/host/linux/interfaces.ts";
import { LinuxNetwork } from "../../src/host/linux/network.ts";
import { networkContract } from "./network-contract.ts";

networkContract("fake", () => {
  const interfaces = new FakeInterfaces();
  interfaces.set({ name: "lo", index: 1, loopback: true }, { name: "eth0", index: 2 });
  const source = new FakeNetwork();
  return { source, interfaces: interfaces.read(), close: () => source.close() };
});

// Reading needs no privilege, and every machine has its loopback.
networkContract("rtnetlink", () => {
  const interfaces = new LinuxInterfaces();
  const source = new LinuxNetwork();
  return {
    source,
    interfaces: interfaces.read(),
    close() {
      source.close();
      interfaces.close();
    },
  };
});
