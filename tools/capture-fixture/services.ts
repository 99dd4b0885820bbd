import { join } from "node:path";
import { clientAddress, serverAddress } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";

/** A web server of its own end, so that a proxy has something to reach. */
const webServer = (directory: string): readonly string[] => [
  ...["/usr/bin/python3", "-m", "http.server", "--bind", serverAddress, "--directory", `${directory}/public`, "8000"],
];

function tinyproxy(directory: string): Scenario {
  const get = ["curl", "-sS", "--proxy", `http://${serverAddress}:8888`];
  return {
    filter: "tcp port 8888",
    packages: ["tinyproxy", "curl"],
    files: { "tinyproxy.conf": `Port 8888\nListen ${serverAddress}\nTimeout 10\nMaxClients 5\n` },
    prepare: [["mkdir", `${directory}/public`]],
    servers: [webServer(directory), ["tinyproxy", "-d", "-c", `${directory}/tinyproxy.conf`]],
    ready: { transport: "tcp", port: 8000 },
    clients: [
      [...get, `http://${serverAddress}:8000/`],
      [...get, "--proxytunnel", `http://${serverAddress}:8000/`],
    ],
  };
}

function dante(directory: string): Scenario {
  const configuration = [
    "logoutput: stderr",
    `internal: ${serverAddress} port = 1080`,
    `external: ${serverAddress}`,
    "socksmethod: none",
    "clientmethod: none",
    "user.privileged: root",
    "user.unprivileged: nobody",
    "client pass {\n from: 0.0.0.0/0 to: 0.0.0.0/0\n}",
    "socks pass {\n from: 0.0.0.0/0 to: 0.0.0.0/0\n}",
    "",
  ];
  const get = (scheme: string): readonly string[] => [
    ...["curl", "-sS", "--proxy", `${scheme}://${serverAddress}:1080`],
    `http://${serverAddress}:8000/`,
  ];
  return {
    filter: "tcp port 1080",
    packages: ["dante-server", "curl"],
    files: { "danted.conf": configuration.join("\n") },
    prepare: [["mkdir", `${directory}/public`]],
    servers: [webServer(directory), ["danted", "-f", `${directory}/danted.conf`, "-p", `${directory}/pid`]],
    ready: { transport: "tcp", port: 8000 },
    clients: [get("socks4"), get("socks5")],
  };
}

function nghttp(directory: string): Scenario {
  return {
    filter: "tcp port 8080",
    packages: ["nghttp2-server", "nghttp2-client", "curl"],
    files: {},
    prepare: [["mkdir", `${directory}/public`]],
    servers: [["nghttpd", "--no-tls", "-a", serverAddress, "-d", `${directory}/public`, "8080"]],
    ready: { transport: "tcp", port: 8080 },
    clients: [["nghttp", "-n", `http://${serverAddress}:8080/index.html`]],
  };
}

function websocket(directory: string): Scenario {
  const client = [
    "import asyncio, websockets",
    "async def main():",
    `    async with websockets.connect("ws://${serverAddress}:8765/chat") as socket:`,
    '        await socket.send("hello")',
    "        print(await socket.recv())",
    "asyncio.run(main())",
    "",
  ];
  return {
    filter: "tcp port 8765",
    packages: ["websocketd", "python3-websockets"],
    files: { "client.py": client.join("\n") },
    servers: [["websocketd", `--address=${serverAddress}`, "--port=8765", "cat"]],
    ready: { transport: "tcp", port: 8765 },
    clients: [["/usr/bin/python3", `${directory}/client.py`]],
  };
}

function vnc(directory: string): Scenario {
  return {
    filter: "tcp port 5901",
    packages: ["tigervnc-standalone-server", "vncsnapshot"],
    files: {},
    servers: [
      [
        "Xtigervnc",
        ":71",
        "-rfbport",
        "5901",
        "-interface",
        serverAddress,
        "-SecurityTypes",
        "None",
        "-geometry",
        "32x32",
      ],
    ],
    ready: { transport: "tcp", port: 5901 },
    clients: [
      // It waits for more than an empty screen of 32 by 32 has to show.
      ["sh", "-c", `timeout 3 vncsnapshot -quiet ${serverAddress}::5901 ${directory}/picture.jpg; true`],
    ],
  };
}

function prosody(directory: string): Scenario {
  const configuration = [
    "daemonize = false",
    "run_as_root = true",
    `pidfile = "${directory}/pid"`,
    `data_path = "${directory}"`,
    `interfaces = { "${serverAddress}" }`,
    'modules_enabled = { "tls", "saslauth", "disco" }',
    'modules_disabled = { "s2s" }',
    `ssl = { key = "${directory}/key.pem", certificate = "${directory}/certificate.pem" }`,
    'VirtualHost "example.test"',
    "",
  ];
  const connect = ["openssl", "s_client", "-starttls", "xmpp", "-xmpphost", "example.test"];
  return {
    filter: "tcp port 5222",
    packages: ["prosody", "openssl"],
    files: { "prosody.cfg.lua": configuration.join("\n") },
    servers: [["prosody", "-F", "--config", `${directory}/prosody.cfg.lua`]],
    ready: { transport: "tcp", port: 5222 },
    clients: [[...connect, "-connect", `${serverAddress}:5222`]],
  };
}

function coap(transport: "udp" | "tcp"): Scenario {
  const scheme = transport === "udp" ? "coap" : "coap+tcp";
  return {
    filter: `${transport} port 5683`,
    packages: ["libcoap3-bin"],
    files: {},
    servers: [["coap-server-notls", "-A", serverAddress]],
    ready: { transport, port: 5683 },
    clients: [
      ["coap-client-notls", "-m", "get", `${scheme}://${serverAddress}/.well-known/core`],
      ["coap-client-notls", "-m", "get", "-N", `${scheme}://${serverAddress}/time`],
    ],
  };
}

function modbus(directory: string): Scenario {
  const server = [
    "from pymodbus.server import StartTcpServer",
    "from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext",
    "slave = ModbusSlaveContext(hr=ModbusSequentialDataBlock(0, [17] * 100))",
    `StartTcpServer(context=ModbusServerContext(slaves=slave, single=True), address=("${serverAddress}", 502))`,
    "",
  ];
  const client = [
    "from pymodbus.client import ModbusTcpClient",
    `client = ModbusTcpClient("${serverAddress}", port=502)`,
    "assert client.connect()",
    "client.read_holding_registers(1, 2, slave=1)",
    "client.write_register(1, 3, slave=1)",
    "client.close()",
    "",
  ];
  return {
    filter: "tcp port 502",
    packages: ["python3-pymodbus"],
    files: { "server.py": server.join("\n"), "client.py": client.join("\n") },
    servers: [["/usr/bin/python3", `${directory}/server.py`]],
    ready: { transport: "tcp", port: 502 },
    clients: [["/usr/bin/python3", `${directory}/client.py`]],
  };
}

function bittorrent(directory: string): Scenario {
  const quiet = ["--allow-overwrite=true", "--check-integrity=true", "--listen-port=6881", "--enable-dht=true"];
  const aria = (name: string, address: string): readonly string[] => [
    ...["aria2c", "--quiet", ...quiet, "--dht-listen-port=6882", `--dht-file-path=${directory}/dht-${name}`],
    ...["--disable-ipv6=true", `--interface=${address}`, `--dir=${directory}/${name}`],
  ];
  return {
    filter: "port 6969 or port 6881 or port 6882",
    packages: ["aria2", "opentracker"],
    files: { hello: "hello\n".repeat(40) },
    prepare: [
      ["mkdir", `${directory}/seed`, `${directory}/leech`],
      ["cp", `${directory}/hello`, `${directory}/seed`],
      [
        ...["mktorrent", "-a", `http://${serverAddress}:6969/announce`, "-d"],
        ...["-o", join(directory, "hello.torrent"), `${directory}/seed/hello`],
      ],
    ],
    servers: [
      ["opentracker", "-i", serverAddress, "-p", "6969", "-P", "6969", "-u", "nobody"],
      [...aria("seed", serverAddress), "--seed-ratio=0", `${directory}/hello.torrent`],
    ],
    ready: { transport: "tcp", port: 6881 },
    clients: [
      ["sleep", "2"],
      // It finds its peer through the table and goes on asking.
      [
        "sh",
        "-c",
        `timeout 8 ${aria("leech", clientAddress).join(" ")} --dht-entry-point=${serverAddress}:6882 ${directory}/hello.torrent; true`,
      ],
    ],
  };
}

function avahi(directory: string): Scenario {
  const configuration =
    "[server]\nhost-name=printer\nenable-dbus=no\nallow-interfaces=eth0\nuse-ipv6=no\n[publish]\npublish-hinfo=yes\n";
  return {
    filter: "udp port 5353",
    packages: ["avahi-daemon", "bind9-dnsutils"],
    files: { "avahi-daemon.conf": configuration },
    servers: [["avahi-daemon", "--no-drop-root", "--no-chroot", "-f", `${directory}/avahi-daemon.conf`]],
    ready: { transport: "udp", port: 5353 },
    clients: [
      ["sleep", "2"],
      ["dig", `@${serverAddress}`, "-p", "5353", "printer.local", "A"],
    ],
  };
}

/** Web, proxies, screens, machines, peers. */
export const serviceScenarios: Readonly<Record<string, (directory: string) => Scenario>> = {
  "http-connect": tinyproxy,
  socks: dante,
  h2c: nghttp,
  websocket,
  rfb: vnc,
  xmpp: prosody,
  coap: () => coap("udp"),
  "coap-tcp": () => coap("tcp"),
  modbus,
  "bittorrent-dht": bittorrent,
  mdns: avahi,
};
