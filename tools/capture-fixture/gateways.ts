/** What routers, gateways and machines of a local network say to each other. */
import { clientAddress, serverAddress, type Scenario } from "./scenario.ts";

const routingDaemons = ["bgpd", "ospfd", "ripd", "bfdd"] as const;

/** Configuration of each daemon of one router. */
function routerFiles(prefix: string, own: number, other: number, peer: string): Record<string, string> {
  return {
    [`${prefix}zebra`]: "",
    [`${prefix}bgpd`]: [
      `router bgp ${own}`,
      " no bgp ebgp-requires-policy",
      ` neighbor ${peer} remote-as ${other}`,
      ` neighbor ${peer} bfd`,
      "",
    ].join("\n"),
    [`${prefix}ospfd`]: "router ospf\n network 192.0.2.0/24 area 0\n",
    [`${prefix}ripd`]: "router rip\n network 192.0.2.0/24\n",
    [`${prefix}bfdd`]: "",
  };
}

function routerCommand(directory: string, prefix: string, seconds: number): readonly string[] {
  const own = `${directory}/${prefix}`;
  const daemon = (name: string): string =>
    `/usr/lib/frr/${name} -f ${own}${name} -i ${own}${name}.pid -z ${own}socket --vty_socket ${own}vty -u frr -g frr`;
  const all = [
    `mkdir -m 777 ${own}vty`,
    `{ ${daemon("zebra")} & }`,
    "sleep 1",
    ...routingDaemons.map((name) => `{ ${daemon(name)} & }`),
    `sleep ${seconds}`,
  ];
  return ["sh", "-c", all.join("; ")];
}

const routing = (directory: string): Scenario => ({
  filter: "tcp port 179 or proto ospf or udp port 520 or udp port 3784",
  packages: ["frr"],
  files: {
    ...routerFiles("server-", 65_001, 65_002, clientAddress),
    ...routerFiles("client-", 65_002, 65_001, serverAddress),
  },
  servers: [routerCommand(directory, "server-", 60)],
  ready: { transport: "tcp", port: 179 },
  clients: [routerCommand(directory, "client-", 12)],
});

const natPmp = (directory: string): Scenario => ({
  filter: "udp port 5351 or udp port 1900",
  packages: ["miniupnpd", "natpmpc"],
  files: {},
  servers: [["miniupnpd", "-d", "-i", "eth0", "-a", "eth0", "-N", "-P", `${directory}/pid`]],
  ready: { transport: "udp", port: 5351 },
  // It has no outer interface to tell of, and says so.
  clients: [["sh", "-c", `natpmpc -g ${serverAddress}; true`]],
});

const wsd = (): Scenario => ({
  filter: "udp port 3702",
  packages: ["wsdd"],
  files: {},
  servers: [["wsdd", "-4", "-i", "eth0", "-n", "SERVER"]],
  ready: { transport: "udp", port: 3702 },
  clients: [["sh", "-c", "timeout --signal=INT 5 wsdd -4 -i eth0 -n LAPTOP; true"]],
});

const l2tp = (directory: string): Scenario => ({
  filter: "udp port 1701",
  packages: ["xl2tpd"],
  files: {
    "server.conf":
      "[lns default]\nip range=198.51.100.2-198.51.100.5\nlocal ip=198.51.100.1\nrequire authentication=no\n",
    "client.conf": `[lac a]\nlns=${serverAddress}\nautodial=yes\n`,
    options: "",
  },
  servers: [
    [
      "xl2tpd",
      "-D",
      "-c",
      `${directory}/server.conf`,
      "-p",
      `${directory}/p`,
      "-C",
      `${directory}/c`,
      "-s",
      "/dev/null",
    ],
  ],
  ready: { transport: "udp", port: 1701 },
  clients: [
    [
      ...["sh", "-c"],
      `timeout 6 xl2tpd -D -c ${directory}/client.conf -p ${directory}/p2 -C ${directory}/c2 -s /dev/null; true`,
    ],
  ],
});

export const gatewayScenarios: Readonly<Record<string, (directory: string) => Scenario>> = {
  l2tp,
  "nat-pmp": natPmp,
  routing,
  wsd,
};
