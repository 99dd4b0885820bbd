import { clientAddress, serverAddress } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";

function dhcp(directory: string): Scenario {
  return {
    filter: "udp portrange 67-68",
    packages: ["dnsmasq", "isc-dhcp-client"],
    files: {
      "dhclient.conf": 'send host-name "laptop";\nrequest subnet-mask, routers, domain-name-servers, domain-name;\n',
    },
    servers: [
      [
        ...["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--port=0", "--user=root"],
        ...["--interface=eth0", "--dhcp-range=192.0.2.50,192.0.2.60,1h", "--dhcp-option=option:dns-server,192.0.2.2"],
        ...["--domain=example.test", `--dhcp-leasefile=${directory}/leases`, "--dhcp-authoritative", "--no-ping"],
      ],
    ],
    ready: { transport: "udp", port: 67 },
    clients: [
      [
        ...["dhclient", "-1", "-cf", `${directory}/dhclient.conf`, "-sf", "/bin/true"],
        ...["-lf", `${directory}/lease`, "-pf", `${directory}/pid`, "eth0"],
      ],
    ],
  };
}

function snmp(directory: string): Scenario {
  const user = ["-u", "alice", "-l", "authPriv", "-a", "SHA", "-A", "authsecret", "-x", "AES", "-X", "privsecret"];
  const configuration =
    "rocommunity public\nrouser alice priv\nsysName www.example.test\ncreateUser alice SHA authsecret AES privsecret\n";
  const object = [serverAddress, "1.3.6.1.2.1.1.5.0"];
  return {
    filter: "udp port 161",
    packages: ["snmpd", "snmp"],
    files: { "snmpd.conf": configuration },
    servers: [
      [
        ...[
          "env",
          `SNMP_PERSISTENT_DIR=${directory}/state`,
          "snmpd",
          "-f",
          "-Lo",
          "-C",
          "-c",
          `${directory}/snmpd.conf`,
        ],
        ...["-p", `${directory}/pid`, "-x", "", `udp:${serverAddress}:161`],
      ],
    ],
    ready: { transport: "udp", port: 161 },
    clients: [
      ["snmpget", "-v1", "-c", "public", ...object],
      ["snmpbulkwalk", "-v2c", "-c", "public", serverAddress, "1.3.6.1.2.1.1.9"],
      ["snmpget", "-v3", ...user, ...object],
    ],
  };
}

function chrony(directory: string, port = 123): Scenario {
  return {
    filter: `udp port ${port}`,
    packages: ["chrony"],
    files: {
      "server.conf": `local stratum 5\nallow all\nbindaddress ${serverAddress}\nbindcmdaddress /\ncmdport 0\nport ${port}\npidfile ${directory}/s\nuser root\n`,
      "client.conf": `server ${serverAddress} iburst port ${port}\ncmdport 0\nbindcmdaddress /\npidfile ${directory}/c\nuser root\n`,
    },
    servers: [["chronyd", "-d", "-x", "-f", `${directory}/server.conf`]],
    ready: { transport: "udp", port },
    clients: [["chronyd", "-Q", "-t", "10", "-f", `${directory}/client.conf`]],
  };
}

function coturn(directory: string): Scenario {
  return {
    filter: "udp",
    packages: ["coturn"],
    files: {},
    servers: [
      [
        ...[
          "turnserver",
          "-n",
          "--no-cli",
          "--no-tls",
          "--no-dtls",
          "-L",
          serverAddress,
          "-E",
          serverAddress,
          "-a",
          "-v",
        ],
        ...[
          "-u",
          "alice:secret",
          "-r",
          "example.test",
          "--userdb",
          `${directory}/db`,
          "-l",
          "stdout",
          "--pidfile",
          `${directory}/p`,
        ],
      ],
    ],
    ready: { transport: "udp", port: 3478 },
    clients: [
      ["turnutils_stunclient", serverAddress],
      ["turnutils_uclient", "-y", "-c", "-n", "2", "-m", "1", "-l", "40", "-u", "alice", "-w", "secret", serverAddress],
    ],
  };
}

/** What protects its control channel: keys that are made first, and the options of both ends. */
interface Protection {
  readonly prepare: readonly (readonly string[])[];
  readonly server: readonly string[];
  readonly client: readonly string[];
}

function tlsAuth(directory: string): Protection {
  const key = `${directory}/shared.key`;
  const end = (direction: string): string[] => ["--tls-auth", key, direction, "--auth", "SHA256"];
  return { prepare: [["openvpn", "--genkey", "tls-auth", key]], server: end("0"), client: end("1") };
}

function tlsCrypt2(directory: string): Protection {
  const [server, client] = [`${directory}/server.crypt`, `${directory}/client.crypt`];
  const prepare = [
    ["openvpn", "--genkey", "tls-crypt-v2-server", server],
    ["openvpn", "--tls-crypt-v2", server, "--genkey", "tls-crypt-v2-client", client],
  ];
  return { prepare, server: ["--tls-crypt-v2", server], client: ["--tls-crypt-v2", client] };
}

const unprotected: Protection = { prepare: [], server: [], client: [] };

function openvpn(directory: string, protocol: "udp" | "tcp", port = 1194, protection = unprotected): Scenario {
  const shared = [
    ...["openvpn", "--dev", "null", "--port", String(port), "--cert", `${directory}/certificate.pem`],
    ...["--key", `${directory}/key.pem`, "--ca", `${directory}/certificate.pem`, "--dh", "none"],
  ];
  const end = protocol === "udp" ? ["udp", "udp"] : ["tcp-server", "tcp-client"];
  return {
    filter: `${protocol} port ${port}`,
    packages: ["openvpn"],
    files: {},
    prepare: protection.prepare,
    servers: [[...shared, "--local", serverAddress, "--tls-server", "--proto", end[0]!, ...protection.server]],
    ready: { transport: protocol, port },
    clients: [
      // It has no way to end by itself once the tunnel stands.
      [
        "timeout",
        "--preserve-status",
        "4",
        ...shared,
        "--nobind",
        "--tls-client",
        "--proto",
        end[1]!,
        "--remote",
        serverAddress,
        ...protection.client,
      ],
    ],
  };
}

function wireguard(directory: string): Scenario {
  const key = (name: string): string =>
    `wg genkey > ${directory}/${name}; wg pubkey < ${directory}/${name} > ${directory}/${name}.pub`;
  const peer = (name: string): string => `peer $(cat ${directory}/${name}.pub) allowed-ips 0.0.0.0/0`;
  return {
    filter: "udp port 51820",
    packages: ["wireguard-go", "wireguard-tools"],
    files: {},
    prepare: [
      ["sh", "-c", `umask 077; ${key("server")}; ${key("client")}`],
      ["sh", "-c", "wireguard-go slfix-s >/dev/null 2>&1"],
      ["sh", "-c", `wg set slfix-s listen-port 51820 private-key ${directory}/server ${peer("client")}`],
      ["ip", "address", "add", "198.51.100.2/24", "dev", "slfix-s"],
      ["ip", "link", "set", "slfix-s", "up"],
    ],
    servers: [],
    ready: { transport: "udp", port: 51820 },
    clients: [
      ["sh", "-c", "wireguard-go slfix-c >/dev/null 2>&1"],
      ["sh", "-c", `wg set slfix-c private-key ${directory}/client ${peer("server")} endpoint ${serverAddress}:51820`],
      ["ip", "address", "add", "198.51.100.1/24", "dev", "slfix-c"],
      ["ip", "link", "set", "slfix-c", "up"],
      ["ping", "-c", "2", "198.51.100.2"],
    ],
  };
}

function telnet(): Scenario {
  return {
    filter: "tcp port 23",
    packages: ["inetutils-telnetd", "inetutils-telnet"],
    files: {},
    servers: [
      ["systemd-socket-activate", `--listen=${serverAddress}:23`, "--inetd", "-a", "telnetd", "--exec-login=/bin/true"],
    ],
    ready: { transport: "tcp", port: 23 },
    clients: [["sh", "-c", `sleep 2 | telnet ${serverAddress}; true`]],
  };
}

function syslog(directory: string): Scenario {
  const configuration = `module(load="imudp")\nmodule(load="imtcp")\ninput(type="imudp" port="514")\ninput(type="imtcp" port="514")\n*.* ${directory}/log\n`;
  const logger = ["logger", "-n", serverAddress, "-P", "514", "-t", "fixture"];
  return {
    filter: "port 514",
    packages: ["rsyslog", "bsdutils"],
    files: { "rsyslog.conf": configuration },
    servers: [["rsyslogd", "-n", "-f", `${directory}/rsyslog.conf`, "-i", `${directory}/pid`]],
    ready: { transport: "tcp", port: 514 },
    clients: [
      [...logger, "-d", "--rfc3164", "hello"],
      [...logger, "-d", "--rfc5424", "hello"],
      [...logger, "-T", "--octet-count", "hello"],
    ],
  };
}

function openssl(directory: string, version: string, transport: "tcp" | "udp"): Scenario {
  const keys = ["-cert", `${directory}/certificate.pem`, "-key", `${directory}/key.pem`];
  const weak = version === "-tls1" || version === "-tls1_1" || version === "-dtls1";
  const cipher = weak ? ["-cipher", "ALL:@SECLEVEL=0"] : [];
  const listen = ["openssl", "s_server", "-accept", `${serverAddress}:4433`, version, ...keys, ...cipher];
  const connect = ["openssl", "s_client", "-connect", `${serverAddress}:4433`, version, ...cipher];
  return {
    filter: `${transport} port 4433`,
    packages: ["openssl"],
    files: {},
    // Both end when their input does.
    servers: [["sh", "-c", `sleep 30 | ${listen.join(" ")}`]],
    ready: { transport, port: 4433 },
    clients: [["sh", "-c", `sleep 1 | ${connect.join(" ")} -servername www.example.test`]],
  };
}

/** Names, time, management, tunnels, and what TLS was. */
export const networkScenarios: Readonly<Record<string, (directory: string) => Scenario>> = {
  dhcp,
  snmp,
  ntp: (directory) => chrony(directory),
  "ntp-port": (directory) => chrony(directory, 11_123),
  stun: coturn,
  "openvpn-udp": (directory) => openvpn(directory, "udp"),
  "openvpn-tcp": (directory) => openvpn(directory, "tcp"),
  "openvpn-tls-auth": (directory) => openvpn(directory, "tcp", 8443, tlsAuth(directory)),
  "openvpn-tls-crypt-v2": (directory) => openvpn(directory, "udp", 1195, tlsCrypt2(directory)),
  wireguard,
  telnet,
  syslog,
  sunrpc: () => ({
    filter: "port 111",
    packages: ["rpcbind"],
    files: {},
    servers: [["rpcbind", "-f", "-h", serverAddress]],
    ready: { transport: "tcp", port: 111 },
    clients: [
      ["rpcinfo", "-p", serverAddress],
      ["rpcinfo", "-T", "udp", serverAddress, "100000"],
    ],
  }),
  iperf3: () => ({
    filter: "port 5201",
    packages: ["iperf3"],
    files: {},
    servers: [["iperf3", "-s", "-B", serverAddress]],
    ready: { transport: "tcp", port: 5201 },
    clients: [["iperf3", "-c", serverAddress, "-B", clientAddress, "-n", "1K", "-l", "256"]],
  }),
  "tls-1.0": (directory) => openssl(directory, "-tls1", "tcp"),
  "tls-1.1": (directory) => openssl(directory, "-tls1_1", "tcp"),
  "dtls-1.2": (directory) => openssl(directory, "-dtls1_2", "udp"),
  "dtls-1.0": (directory) => openssl(directory, "-dtls1", "udp"),
};
