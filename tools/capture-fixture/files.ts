import { serverAddress } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";

function vsftpd(directory: string): Scenario {
  const configuration = [
    "listen=YES",
    "background=NO",
    `listen_address=${serverAddress}`,
    "anonymous_enable=YES",
    `anon_root=${directory}/public`,
    `secure_chroot_dir=${directory}/empty`,
    "seccomp_sandbox=NO",
    "connect_from_port_20=YES",
    "pasv_min_port=40000",
    "pasv_max_port=40009",
    "",
  ];
  const get = ["curl", "-sS"];
  const url = `ftp://${serverAddress}/hello`;
  return {
    filter: "tcp",
    packages: ["vsftpd", "curl"],
    files: { "vsftpd.conf": configuration.join("\n"), hello: "hello\n" },
    prepare: [
      ["mkdir", `${directory}/public`, `${directory}/empty`],
      ["cp", `${directory}/hello`, `${directory}/public`],
    ],
    servers: [["vsftpd", `${directory}/vsftpd.conf`]],
    ready: { transport: "tcp", port: 21 },
    clients: [
      [...get, url],
      [...get, "--disable-epsv", url],
      [...get, "--ftp-port", "-", "--disable-eprt", url],
      [...get, "--ftp-port", "-", url],
    ],
  };
}

function tftp(directory: string): Scenario {
  return {
    filter: "udp",
    packages: ["dnsmasq", "curl"],
    files: { hello: "hello\n" },
    servers: [
      [
        ...["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--port=0", "--user=root"],
        ...[`--listen-address=${serverAddress}`, "--enable-tftp", `--tftp-root=${directory}`],
      ],
    ],
    ready: { transport: "udp", port: 69 },
    clients: [["curl", "-sS", `tftp://${serverAddress}/hello`]],
  };
}

function rsync(directory: string): Scenario {
  const configuration = `use chroot = no\n[public]\npath = ${directory}\nread only = yes\n`;
  return {
    filter: "tcp port 873",
    packages: ["rsync"],
    files: { "rsyncd.conf": configuration },
    servers: [["rsync", "--daemon", "--no-detach", `--address=${serverAddress}`, `--config=${directory}/rsyncd.conf`]],
    ready: { transport: "tcp", port: 873 },
    clients: [
      ["rsync", `rsync://${serverAddress}/`],
      ["rsync", `rsync://${serverAddress}/public/`],
    ],
  };
}

function git(directory: string): Scenario {
  return {
    filter: "tcp port 9418",
    packages: ["git"],
    files: {},
    prepare: [["git", "init", "-q", "--bare", `${directory}/project.git`]],
    servers: [["git", "daemon", "--export-all", `--base-path=${directory}`, `--listen=${serverAddress}`]],
    ready: { transport: "tcp", port: 9418 },
    clients: [["git", "ls-remote", `git://${serverAddress}/project.git`]],
  };
}

function sambaConfiguration(directory: string): string {
  return [
    "[global]",
    "workgroup = EXAMPLE",
    "netbios name = FILES",
    "map to guest = Bad User",
    "disable spoolss = yes",
    "load printers = no",
    ...["private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir"].map(
      (name) => `${name} = ${directory}/samba`,
    ),
    `[public]\npath = ${directory}\nguest ok = yes\n`,
  ].join("\n");
}

function smbd(directory: string): Scenario {
  const client = ["smbclient", "-s", `${directory}/smb.conf`, "-N", `//${serverAddress}/public`, "-c", "ls smb.conf"];
  return {
    filter: "tcp port 445",
    packages: ["samba", "smbclient"],
    files: { "smb.conf": sambaConfiguration(directory) },
    prepare: [["mkdir", `${directory}/samba`]],
    servers: [["smbd", "-F", "--debug-stdout", "-s", `${directory}/smb.conf`]],
    ready: { transport: "tcp", port: 445 },
    clients: [
      [...client, "-m", "SMB3_11"],
      [...client, "-m", "SMB2_02"],
    ],
  };
}

function nmbd(directory: string): Scenario {
  const lookup = ["nmblookup", "-s", `${directory}/smb.conf`, "-U", serverAddress];
  return {
    filter: "udp portrange 137-138",
    packages: ["samba", "samba-common-bin"],
    files: { "smb.conf": sambaConfiguration(directory) },
    prepare: [["mkdir", `${directory}/samba`]],
    servers: [["nmbd", "-F", "--debug-stdout", "-s", `${directory}/smb.conf`]],
    ready: { transport: "udp", port: 137 },
    clients: [
      [...lookup, "FILES"],
      ["nmblookup", "-s", `${directory}/smb.conf`, "-A", serverAddress],
    ],
  };
}

/** File transfer. */
export const fileScenarios: Readonly<Record<string, (directory: string) => Scenario>> = {
  ftp: vsftpd,
  tftp,
  rsync,
  git,
  smb: smbd,
  netbios: nmbd,
};
