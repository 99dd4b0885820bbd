import { join } from "node:path";

/** Addresses of the two ends of the link that `capture-fixture` makes. */
export const clientAddress = "192.0.2.1";
export const serverAddress = "192.0.2.2";

/** What one fixture is made with. Commands are run without a shell, `directory` is theirs alone. */
export interface Scenario {
  /** What tcpdump keeps. */
  readonly filter: string;
  /** Files written into `directory` first. */
  readonly files: Readonly<Record<string, string>>;
  /** Long-running programs at the server's end. */
  readonly servers: readonly (readonly string[])[];
  /** Port that must accept TCP connections, or appear among the UDP sockets, before a client starts. */
  readonly ready: { readonly transport: "tcp" | "udp"; readonly port: number };
  /** Programs at the client's end, one after the other; all must succeed. */
  readonly clients: readonly (readonly string[])[];
}

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
    files: { sshd_config: configuration.join("\n") },
    servers: [["/usr/sbin/sshd", "-D", "-e", "-f", `${directory}/sshd_config`]],
    ready: { transport: "tcp", port: 2222 },
    clients: [["ssh", ...options, "true"]],
  };
}

/** The fixtures that can be made, by name. */
export const scenarios: Readonly<Record<string, (directory: string) => Scenario>> = {
  http: (directory) => ({
    filter: "tcp port 80",
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
  dns: () => ({
    filter: "port 53",
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
