/** Long sessions: remote desktops, streams, coordination. */
import { serverAddress, type Scenario } from "./scenario.ts";

const rdp = (): Scenario => {
  const client = ["timeout", "6", "xvfb-run", "-a", "xfreerdp", `/v:${serverAddress}`, "/u:alice", "/p:made-up"];
  const connect = (...more: readonly string[]): readonly string[] => [
    "sh",
    "-c",
    `${[...client, "/cert:ignore", ...more].join(" ")}; true`,
  ];
  return {
    // What follows the first few segments of a desktop is pictures.
    filter: "tcp port 3389",
    packages: ["xrdp", "freerdp2-x11"],
    files: {},
    servers: [["xrdp", "-n"]],
    ready: { transport: "tcp", port: 3389 },
    clients: [connect(), connect("/sec:rdp")],
  };
};

const rtmp = (directory: string): Scenario => ({
  filter: "tcp port 1935",
  packages: ["nginx", "libnginx-mod-rtmp", "ffmpeg"],
  files: {
    "nginx.conf": [
      "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;",
      `daemon off; master_process off; error_log stderr; pid ${directory}/pid;`,
      "events { } rtmp { server { listen 1935; application live { live on; } } }",
    ].join("\n"),
  },
  servers: [["nginx", "-p", directory, "-e", "stderr", "-c", `${directory}/nginx.conf`]],
  ready: { transport: "tcp", port: 1935 },
  clients: [
    [
      ...["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=32x24:rate=5", "-t", "1"],
      ...["-c:v", "flv", "-f", "flv", `rtmp://${serverAddress}/live/picture`],
    ],
  ],
});

const zookeeper = (directory: string): Scenario => {
  const java = ["java", "-cp", "/usr/share/java/*"];
  const word = (four: string): readonly string[] => ["sh", "-c", `echo ${four} | nc -w1 ${serverAddress} 2181`];
  return {
    filter: "tcp port 2181",
    packages: ["zookeeper"],
    files: { "zoo.cfg": `dataDir=${directory}\nclientPort=2181\n4lw.commands.whitelist=*\nadmin.enableServer=false\n` },
    servers: [[...java, "org.apache.zookeeper.server.quorum.QuorumPeerMain", `${directory}/zoo.cfg`]],
    ready: { transport: "tcp", port: 2181 },
    clients: [
      [...java, "org.apache.zookeeper.ZooKeeperMain", "-server", `${serverAddress}:2181`, "ls", "/"],
      word("ruok"),
      word("stat"),
    ],
  };
};

export const sessionScenarios: Readonly<Record<string, (directory: string) => Scenario>> = { rdp, rtmp, zookeeper };
