import { serverAddress } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";

const message = "From: alice@example.test\nTo: bob@example.test\nSubject: fixture\n\nhello\n";

function postfixServices(): string {
  const unix = [
    ["pickup", "unix n - n 60 1 pickup"],
    ["cleanup", "unix n - n - 0 cleanup"],
    ["qmgr", "unix n - n 300 1 qmgr"],
    ["tlsmgr", "unix - - n 1000? 1 tlsmgr"],
    ["rewrite", "unix - - n - - trivial-rewrite"],
    ["bounce", "unix - - n - 0 bounce"],
    ["defer", "unix - - n - 0 bounce"],
    ["trace", "unix - - n - 0 bounce"],
    ["proxymap", "unix - - n - - proxymap"],
    ["discard", "unix - - n - - discard"],
    ["error", "unix - - n - - error"],
    ["anvil", "unix - - n - 1 anvil"],
    ["postlog", "unix-dgram n - n - 1 postlogd"],
  ];
  const smtp = `${serverAddress}:25 inet n - n - - smtpd\n`;
  return smtp + unix.map((row) => `${row.join(" ")}\n`).join("");
}

function postfix(directory: string): Scenario {
  const main = [
    "compatibility_level = 3.6",
    "myhostname = mail.example.test",
    "mydestination = example.test",
    "local_recipient_maps =",
    "alias_maps =",
    "default_transport = discard",
    "local_transport = discard",
    "maillog_file = /dev/stdout",
    `queue_directory = ${directory}/queue`,
    `data_directory = ${directory}/data`,
    "smtpd_tls_security_level = may",
    `smtpd_tls_cert_file = ${directory}/certificate.pem`,
    `smtpd_tls_key_file = ${directory}/key.pem`,
    "inet_protocols = ipv4",
    "",
  ];
  const send = ["curl", "-sSk", "--mail-from", "alice@example.test", "--mail-rcpt", "bob@example.test"];
  const upload = ["-T", `${directory}/message`, `smtp://${serverAddress}/client.example.test`];
  return {
    filter: "tcp port 25",
    packages: ["postfix", "curl"],
    files: { "main.cf": main.join("\n"), "master.cf": postfixServices(), message },
    prepare: [
      ["mkdir", `${directory}/queue`, `${directory}/data`],
      ["chown", "postfix", `${directory}/data`],
      // The mail system refuses directories that anybody may write to.
      ["chmod", "755", directory],
    ],
    servers: [["postfix", "-c", directory, "start-fg"]],
    ready: { transport: "tcp", port: 25 },
    clients: [
      [...send, ...upload],
      [...send, "--ssl-reqd", ...upload],
    ],
  };
}

function dovecot(directory: string, protocol: "imap" | "pop3", port: number, path: string): Scenario {
  const configuration = [
    `protocols = ${protocol}`,
    `listen = ${serverAddress}`,
    `base_dir = ${directory}/run`,
    "log_path = /dev/stderr",
    `ssl_cert = <${directory}/certificate.pem`,
    `ssl_key = <${directory}/key.pem`,
    "ssl = yes",
    "disable_plaintext_auth = no",
    `mail_location = maildir:${directory}/mail`,
    "first_valid_uid = 8",
    "passdb {\n driver = static\n args = password=secret\n}",
    `userdb {\n driver = static\n args = uid=mail gid=mail home=${directory}/mail\n}`,
    "",
  ];
  const url = `${protocol}://${serverAddress}/${path}`;
  const login = ["curl", "-sSk", "--user", "alice:secret"];
  return {
    filter: `tcp port ${port}`,
    packages: ["dovecot-core", "curl"],
    files: { "dovecot.conf": configuration.join("\n") },
    prepare: [["install", "-d", "-o", "mail", "-g", "mail", `${directory}/mail`]],
    servers: [["dovecot", "-F", "-c", `${directory}/dovecot.conf`]],
    ready: { transport: "tcp", port },
    clients: [
      [...login, url],
      [...login, "--ssl-reqd", url],
    ],
  };
}

function ngircd(directory: string): Scenario {
  const configuration = `[Global]\nName = irc.example.test\nInfo = fixture\nListen = ${serverAddress}\nPorts = 6667\n[Options]\nIdent = no\nDNS = no\nPAM = no\n`;
  const lines = "NICK alice\\r\\nUSER alice 0 * :Alice\\r\\nJOIN #test\\r\\nPRIVMSG #test :hello\\r\\nQUIT :bye\\r\\n";
  return {
    filter: "tcp port 6667",
    packages: ["ngircd"],
    files: { "ngircd.conf": configuration },
    servers: [["ngircd", "--nodaemon", "--config", `${directory}/ngircd.conf`]],
    ready: { transport: "tcp", port: 6667 },
    clients: [["bash", "-c", `exec 3<>/dev/tcp/${serverAddress}/6667; printf '${lines}' >&3; cat <&3`]],
  };
}

/** Mail and chat. */
export const mailScenarios: Readonly<Record<string, (directory: string) => Scenario>> = {
  smtp: postfix,
  imap: (directory) => dovecot(directory, "imap", 143, ""),
  pop3: (directory) => dovecot(directory, "pop3", 110, ""),
  irc: ngircd,
  sip: (directory) => ({
    filter: "udp",
    packages: ["sip-tester"],
    files: { "users.csv": "SEQUENTIAL\nalice;\n" },
    servers: [
      [
        "sipp",
        "-sn",
        "uas",
        "-i",
        serverAddress,
        "-p",
        "5060",
        "-rtp_echo",
        "-trace_err",
        "-error_file",
        `${directory}/e`,
      ],
    ],
    ready: { transport: "udp", port: 5060 },
    clients: [["sipp", "-sn", "uac", `${serverAddress}:5060`, "-i", "192.0.2.1", "-m", "1", "-d", "100", "-nostdin"]],
  }),
};
