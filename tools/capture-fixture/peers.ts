import { clientAddress, serverAddress } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";

/** A call with sound in both directions: sipp sends a file as PCMA, and the other end sends it back. */
function call(directory: string): Scenario {
  const headers = (method: string): readonly string[] => [
    "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
    "From: <sip:caller@[local_ip]>;tag=[call_number]",
    `To: <sip:service@[remote_ip]>${method === "INVITE" ? "" : "[peer_tag_param]"}`,
    "Call-ID: [call_id]",
    `CSeq: ${method === "BYE" ? 2 : 1} ${method}`,
    "Contact: <sip:caller@[local_ip]:[local_port]>",
    "Max-Forwards: 70",
  ];
  const request = (method: string, body: readonly string[], retransmission = ""): string =>
    [
      `<send${retransmission}><![CDATA[`,
      `${method} sip:service@[remote_ip]:[remote_port] SIP/2.0`,
      ...headers(method),
      ...(body.length > 0 ? ["Content-Type: application/sdp"] : []),
      "Content-Length: [len]",
      "",
      ...body,
      "]]></send>",
    ].join("\n");
  const description = [
    "v=0",
    "o=caller 1 1 IN IP4 [local_ip]",
    "s=-",
    "c=IN IP4 [media_ip]",
    "t=0 0",
    "m=audio [rtpstream_audio_port] RTP/AVP 8",
    "a=rtpmap:8 PCMA/8000",
  ];
  const scenario = [
    '<?xml version="1.0" encoding="us-ascii"?>',
    '<scenario name="call">',
    request("INVITE", description, ' retrans="500"'),
    '<recv response="100" optional="true"/>',
    '<recv response="180" optional="true"/>',
    '<recv response="200" rtd="true"/>',
    request("ACK", []),
    `<nop><action><exec rtp_stream="${directory}/sound,1,8"/></action></nop>`,
    '<pause milliseconds="400"/>',
    request("BYE", [], ' retrans="500"'),
    '<recv response="200"/>',
    "</scenario>",
    "",
  ];
  return {
    filter: "udp",
    packages: ["sip-tester"],
    // 8,000 bytes are a second of PCMA.
    files: { "call.xml": scenario.join("\n"), sound: "U".repeat(3200) },
    servers: [["sipp", "-sn", "uas", "-i", serverAddress, "-p", "5060", "-rtp_echo", "-nostdin"]],
    ready: { transport: "udp", port: 5060 },
    clients: [
      ["sipp", "-sf", `${directory}/call.xml`, `${serverAddress}:5060`, "-i", clientAddress, "-m", "1", "-nostdin"],
    ],
  };
}

/** IKEv2 with a shared secret, then pings in ESP, which strongSwan's own implementation always puts into UDP. */
function strongswan(directory: string): Scenario {
  const configuration = (side: string): string =>
    [
      "charon-systemd {",
      "  load = random nonce aes sha1 sha2 hmac gmp kdf kernel-libipsec kernel-netlink socket-default vici",
      `  plugins { vici { socket = unix://${directory}/${side}.vici } }`,
      "}",
      "",
    ].join("\n");
  const connections = (local: string, remote: string, own: string, other: string): string =>
    [
      "connections { peer {",
      "  version = 2",
      `  local_addrs = ${local}`,
      `  remote_addrs = ${remote}`,
      "  proposals = aes128-sha256-modp2048",
      "  local { auth = psk",
      "    id = fixture.example.test }",
      "  remote { auth = psk",
      "    id = fixture.example.test }",
      "  children { net {",
      `    local_ts = ${own}/32`,
      `    remote_ts = ${other}/32`,
      "    esp_proposals = aes128-sha256",
      "  } }",
      "} }",
      'secrets { ike-fixture { secret = "made up for the fixture" } }',
      "",
    ].join("\n");
  const control = (side: string, ...command: readonly string[]): readonly string[] => [
    ...["swanctl", ...command, "--uri", `unix://${directory}/${side}.vici`],
  ];
  const charon = (side: string): string =>
    `STRONGSWAN_CONF=${directory}/${side}.strongswan.conf charon-systemd >/dev/null 2>&1`;
  const loaded = (side: string): string =>
    `until ${control(side, "--load-all", "--file", `${directory}/${side}.conf`).join(" ")}; do sleep 0.2; done`;
  const [inClient, inServer] = ["198.51.100.1", "198.51.100.2"];
  return {
    filter: "udp port 500 or udp port 4500",
    packages: ["charon-systemd", "strongswan-swanctl", "libcharon-extra-plugins"],
    files: {
      "client.strongswan.conf": configuration("client"),
      "server.strongswan.conf": configuration("server"),
      "client.conf": connections(clientAddress, serverAddress, inClient, inServer),
      "server.conf": connections(serverAddress, clientAddress, inServer, inClient),
    },
    prepare: [["ip", "address", "add", `${inServer}/32`, "dev", "lo"]],
    servers: [["sh", "-c", `${charon("server")} & ${loaded("server")}; wait`]],
    ready: { transport: "udp", port: 4500 },
    clients: [
      ["ip", "address", "add", `${inClient}/32`, "dev", "lo"],
      ["sh", "-c", `${charon("client")} & ${loaded("client")}`],
      ["sleep", "1"],
      control("client", "--initiate", "--child", "net"),
      ["ping", "-c", "3", "-i", "0.3", "-I", inClient, inServer],
      control("client", "--terminate", "--ike", "peer"),
    ],
  };
}

/** Two Transmissions that a tracker makes known to each other, over TCP or over uTP; both look on the link too (BEP 14). */
function transmission(directory: string, isUtp: boolean): Scenario {
  const settings = (address: string, isUtp: boolean): string =>
    JSON.stringify({
      "bind-address-ipv4": address,
      "dht-enabled": false,
      "lpd-enabled": true,
      "pex-enabled": false,
      "port-forwarding-enabled": false,
      "utp-enabled": isUtp,
    });
  const client = (side: string, port: number): readonly string[] => [
    ...["transmission-cli", "-g", `${directory}/${side}-settings`, "-w", `${directory}/${side}`, "-p", String(port)],
    ...[isUtp ? "-ep" : "-et", `${directory}/hello.torrent`],
  ];
  return {
    filter: "port 51413 or port 51414 or udp port 6771",
    packages: ["transmission-cli"],
    files: {
      hello: "hello\n".repeat(400),
      "server.json": settings(serverAddress, isUtp),
      "client.json": settings(clientAddress, isUtp),
    },
    prepare: [
      ["mkdir", ...["server", "client", "server-settings", "client-settings"].map((name) => `${directory}/${name}`)],
      ["cp", `${directory}/server.json`, `${directory}/server-settings/settings.json`],
      ["cp", `${directory}/client.json`, `${directory}/client-settings/settings.json`],
      ["cp", `${directory}/hello`, `${directory}/server`],
      [
        "mktorrent",
        "-a",
        `http://${serverAddress}:6969/announce`,
        "-o",
        `${directory}/hello.torrent`,
        `${directory}/server/hello`,
      ],
      ["sh", "-c", `transmission-show ${directory}/hello.torrent | sed -n 's/^ *Hash: //p' > ${directory}/list`],
      ["ip", "route", "add", "224.0.0.0/4", "dev", "eth0"],
    ],
    servers: [
      // The distribution's tracker knows only what it is told.
      ["opentracker", "-w", `${directory}/list`, "-i", serverAddress, "-p", "6969", "-P", "6969", "-u", "nobody"],
      client("server", 51_413),
    ],
    ready: { transport: "tcp", port: 51_413 },
    clients: [
      ["ip", "route", "add", "224.0.0.0/4", "dev", "eth0"],
      ["sleep", "3"],
      ["sh", "-c", `timeout 15 ${client("client", 51_414).join(" ")}; true`],
    ],
  };
}

/** What stands beside IP: LLDP, and CDP as lldpd speaks it too. */
function lldpd(directory: string): Scenario {
  const daemon = (side: string, ...options: readonly string[]): readonly string[] => [
    ...["lldpd", "-d", ...options, "-I", "eth0", "-u", `${directory}/${side}.socket`, "-S", "fixture", "-P", side],
  ];
  return {
    filter: "ether proto 0x88cc or ether dst 01:00:0c:cc:cc:cc",
    packages: ["lldpd"],
    files: {},
    // "-cc": CDP without being asked by a neighbour that speaks it.
    servers: [daemon("server", "-cc")],
    clients: [["sh", "-c", `timeout 6 ${daemon("client").join(" ")} 2>/dev/null; true`]],
  };
}

/** VRRP: a router that announces its address. */
function keepalived(directory: string): Scenario {
  const configuration = [
    "vrrp_instance fixture {",
    "  state MASTER",
    "  interface eth0",
    "  virtual_router_id 7",
    "  priority 100",
    "  advert_int 1",
    "  virtual_ipaddress { 192.0.2.7/24 }",
    "}",
    "",
  ];
  return {
    filter: "ip proto 112",
    packages: ["keepalived"],
    files: { "keepalived.conf": configuration.join("\n") },
    servers: [
      [
        "keepalived",
        "-n",
        "-l",
        "-P",
        "-f",
        `${directory}/keepalived.conf`,
        "-p",
        `${directory}/p`,
        "-r",
        `${directory}/v`,
      ],
    ],
    clients: [["sleep", "7"]],
  };
}

/** The control connection alone: there is no PPP behind it. */
function pptpd(directory: string): Scenario {
  return {
    filter: "tcp port 1723",
    packages: ["pptpd", "pptp-linux"],
    files: { "pptpd.conf": `listen ${serverAddress}\nlocalip 198.51.100.1\nremoteip 198.51.100.2\nppp /bin/true\n` },
    servers: [["pptpd", "--fg", "--conf", `${directory}/pptpd.conf`, "--pidfile", `${directory}/pid`]],
    ready: { transport: "tcp", port: 1723 },
    clients: [["sh", "-c", `timeout 5 pptp ${serverAddress} --nolaunchpppd </dev/null; true`]],
  };
}

/** Messages through RabbitMQ. */
function rabbitmq(directory: string): Scenario {
  const url = `amqp://guest:guest@${serverAddress}`;
  const node = [
    ...["env", `HOME=${directory}`, "RABBITMQ_NODENAME=fixture@localhost", `RABBITMQ_MNESIA_BASE=${directory}/mnesia`],
    ...[`RABBITMQ_LOG_BASE=${directory}/log`, `RABBITMQ_NODE_IP_ADDRESS=${serverAddress}`, "RABBITMQ_NODE_PORT=5672"],
    ...[`RABBITMQ_CONFIG_FILE=${directory}/rabbitmq`, `RABBITMQ_ENABLED_PLUGINS_FILE=${directory}/plugins`],
    ...["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-setcookie fixture", "/usr/lib/rabbitmq/bin/rabbitmq-server"],
  ];
  return {
    filter: "tcp port 5672",
    packages: ["rabbitmq-server", "amqp-tools"],
    files: { "rabbitmq.conf": "loopback_users = none\n", plugins: "[].\n" },
    servers: [node],
    ready: { transport: "tcp", port: 5672 },
    clients: [
      ["amqp-declare-queue", "-u", url, "-q", "fixture"],
      ["amqp-publish", "-u", url, "-r", "fixture", "-b", "hello"],
      ["amqp-get", "-u", url, "-q", "fixture"],
    ],
  };
}

/** Neighbours of all kinds: calls, tunnels, peers, switches, queues. */
export const peerScenarios: Readonly<Record<string, (directory: string) => Scenario>> = {
  rtp: call,
  ike: strongswan,
  bittorrent: (directory) => transmission(directory, false),
  utp: (directory) => transmission(directory, true),
  lldp: lldpd,
  vrrp: keepalived,
  pptp: pptpd,
  amqp: rabbitmq,
};
