import { join } from "node:path";
import { dataScenarios } from "./data.ts";
import { fileScenarios } from "./files.ts";
import { gatewayScenarios } from "./gateways.ts";
import { identityScenarios } from "./identity.ts";
import { mailScenarios } from "./mail.ts";
import { networkScenarios } from "./network.ts";
import { peerScenarios } from "./peers.ts";
import { serverAddress } from "./scenario.ts";
import { serviceScenarios } from "./services.ts";
import { sessionScenarios } from "./sessions.ts";
import type { Scenario } from "./scenario.ts";

function nginx(directory: string): Scenario["servers"] {
  return [["nginx", "-p", directory, "-e", "stderr", "-c", join(directory, "nginx.conf")]];
}

function nginxConfiguration(directory: string, server: string): string {
  return [
    "daemon off; master_process off; worker_processes 1;",
    `pid ${directory}/nginx.pid; error_log stderr;`,
    "events { worker_connections 64; }",
    `http { access_log off; client_body_temp_path ${directory}; proxy_temp_path ${directory};`,
    `fastcgi_temp_path ${directory}; uwsgi_temp_path ${directory}; scgi_temp_path ${directory};`,
    `server { ${server} location / { return 200 "hello\\n"; } } }`,
  ].join("\n");
}

function https(directory: string, protocol: string, clients: Scenario["clients"]): Scenario {
  const server =
    `listen ${serverAddress}:443 ssl http2; ssl_protocols ${protocol}; ` +
    `ssl_certificate ${directory}/certificate.pem; ssl_certificate_key ${directory}/key.pem;`;
  return {
    filter: "tcp port 443",
    packages: ["nginx", "curl", "openssl"],
    files: { "nginx.conf": nginxConfiguration(directory, server) },
    servers: nginx(directory),
    ready: { transport: "tcp", port: 443 },
    clients,
  };
}

const resolve = ["--resolve", `www.example.test:443:${serverAddress}`];

function quic(directory: string, version: string): Scenario {
  const python = process.env["PYTHON_WITH_AIOQUIC"] ?? "python3";
  const peer = join(import.meta.dirname, "quic_peer.py");
  const rest = [serverAddress, "4433", version, `${directory}/certificate.pem`, `${directory}/key.pem`];
  return {
    filter: "udp port 4433",
    files: {},
    servers: [[python, peer, "server", ...rest]],
    ready: { transport: "udp", port: 4433 },
    clients: [[python, peer, "client", ...rest]],
  };
}

const dnsmasq = [
  ...["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file="],
  ...["--user=root", `--listen-address=${serverAddress}`, "--bind-interfaces", "--local=/example.test/"],
  ...["--host-record=www.example.test,198.51.100.7,2001:db8::7", "--cname=alias.example.test,www.example.test"],
  ...["--mx-host=example.test,mail.example.test,10", "--txt-record=example.test,v=spf1 -all"],
  ...[
    "--srv-host=_ldap._tcp.example.test,www.example.test,389,1,2",
    "--ptr-record=7.100.51.198.in-addr.arpa,www.example.test",
  ],
];

function dig(...question: readonly string[]): readonly string[] {
  return ["dig", `@${serverAddress}`, "+tries=1", ...question];
}

function ssh(directory: string): Scenario {
  const options = [
    ...[
      "-F",
      "none",
      "-i",
      `${directory}/user_key`,
      "-o",
      "StrictHostKeyChecking=no",
      "-o",
      "UserKnownHostsFile=/dev/null",
    ],
    ...["-p", "2222", `root@${serverAddress}`],
  ];
  const configuration = [
    `ListenAddress ${serverAddress}:2222`,
    `HostKey ${directory}/host_key`,
    `AuthorizedKeysFile ${directory}/user_key.pub`,
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    "PermitRootLogin prohibit-password",
    "",
  ];
  return {
    filter: "tcp port 2222",
    packages: ["openssh-server", "openssh-client"],
    files: { sshd_config: configuration.join("\n") },
    servers: [["/usr/sbin/sshd", "-D", "-e", "-f", `${directory}/sshd_config`]],
    ready: { transport: "tcp", port: 2222 },
    clients: [["ssh", ...options, "true"]],
  };
}

/** A file fetched with sftp: the same SSH, another subsystem. */
function sftp(directory: string): Scenario {
  const login = ssh(directory);
  const options = login.clients[0]!.slice(1, -4);
  const configuration = `${login.files["sshd_config"]}Subsystem sftp internal-sftp\n`;
  return {
    ...login,
    files: { sshd_config: configuration, batch: `get ${directory}/batch ${directory}/copy\n` },
    clients: [["sftp", "-b", `${directory}/batch`, ...options, "-P", "2222", `root@${serverAddress}`]],
  };
}

/** A key that the server does not know: the user is never let in. */
function refusedSsh(directory: string): Scenario {
  const login = ssh(directory);
  const client = login.clients[0]!.map((word) => word.replace("user_key", "host_key"));
  return { ...login, clients: [["sh", "-c", `${client.join(" ")} -o BatchMode=yes; true`]] };
}

/** The fixtures that can be made, by name. */
export const scenarios: Readonly<Record<string, (directory: string) => Scenario>> = {
  ...mailScenarios,
  ...dataScenarios,
  ...fileScenarios,
  ...identityScenarios,
  ...networkScenarios,
  ...serviceScenarios,
  ...peerScenarios,
  ...gatewayScenarios,
  ...sessionScenarios,
  http: (directory) => ({
    filter: "tcp port 80",
    packages: ["nginx", "curl"],
    files: { "nginx.conf": nginxConfiguration(directory, `listen ${serverAddress}:80;`) },
    servers: nginx(directory),
    ready: { transport: "tcp", port: 80 },
    clients: [
      [
        "curl",
        "-sS",
        "--resolve",
        `www.example.test:80:${serverAddress}`,
        "http://www.example.test/index.html?token=secret",
      ],
      ["curl", "-sS", "-d", "name=value", `http://${serverAddress}/form`],
    ],
  }),
  "tls-1.3": (directory) =>
    https(directory, "TLSv1.3", [["curl", "-sSk", "--tlsv1.3", ...resolve, "https://www.example.test/"]]),
  "tls-1.2": (directory) =>
    https(directory, "TLSv1.2", [["curl", "-sSk", "--tls-max", "1.2", ...resolve, "https://www.example.test/"]]),
  "tls-resumed": (directory) => {
    const client = [
      "openssl",
      "s_client",
      "-connect",
      `${serverAddress}:443`,
      "-servername",
      "www.example.test",
      "-tls1_2",
    ];
    return https(directory, "TLSv1.2", [
      [...client, "-sess_out", `${directory}/session`],
      [...client, "-sess_in", `${directory}/session`],
    ]);
  },
  ssh,
  sftp,
  "ssh-refused": refusedSsh,
  dns: () => ({
    filter: "port 53",
    packages: ["dnsmasq", "bind9-dnsutils"],
    files: {},
    servers: [dnsmasq],
    ready: { transport: "udp", port: 53 },
    clients: [
      dig("alias.example.test", "A"),
      dig("www.example.test", "AAAA"),
      dig("example.test", "MX"),
      dig("example.test", "TXT"),
      dig("_ldap._tcp.example.test", "SRV"),
      dig("-x", "198.51.100.7"),
      dig("nothing.example.test", "A"),
      dig("+tcp", "alias.example.test", "A"),
    ],
  }),
  "quic-1": (directory) => quic(directory, "1"),
  "quic-2": (directory) => quic(directory, "2"),
};
