import { serverAddress } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";

const postgresBin = "/usr/lib/postgresql/15/bin";

function postgres(directory: string): Scenario {
  const asPostgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
  const connection = `host=${serverAddress} user=postgres dbname=postgres application_name=fixture`;
  const psql = (mode: string): readonly string[] => [
    "env",
    "PGPASSWORD=secret",
    "psql",
    `${connection} sslmode=${mode}`,
    "-c",
    "SELECT 1",
  ];
  const data = `${directory}/pg`;
  return {
    filter: "tcp port 5432",
    packages: ["postgresql-15", "postgresql-client-15"],
    files: { password: "secret\n", "hba.conf": "host all all 0.0.0.0/0 scram-sha-256\n" },
    prepare: [
      [...asPostgres, `${postgresBin}/initdb`, "-N", "-D", data, "-U", "postgres", `--pwfile=${directory}/password`],
      ["install", "-m", "600", "-o", "postgres", `${directory}/key.pem`, `${directory}/pgkey.pem`],
    ],
    servers: [
      [
        ...asPostgres,
        `${postgresBin}/postgres`,
        ...["-D", data, "-k", directory, "-h", serverAddress, "-c", "ssl=on", "-c", `hba_file=${directory}/hba.conf`],
        ...["-c", `ssl_cert_file=${directory}/certificate.pem`, "-c", `ssl_key_file=${directory}/pgkey.pem`],
      ],
    ],
    ready: { transport: "tcp", port: 5432 },
    clients: [psql("disable"), psql("require")],
  };
}

function mariadb(directory: string): Scenario {
  const client = ["mariadb", "--no-defaults", "-h", serverAddress, "-u", "fixture", "-psecret", "-e", "SELECT 1"];
  const options = ["--no-defaults", "--user=root", `--datadir=${directory}/my`];
  return {
    filter: "tcp port 3306",
    packages: ["mariadb-server", "mariadb-client"],
    files: { "init.sql": "CREATE USER fixture@'%' IDENTIFIED BY 'secret';\n" },
    prepare: [["mariadb-install-db", ...options, "--skip-test-db"]],
    servers: [
      [
        "mariadbd",
        ...options,
        ...[
          `--bind-address=${serverAddress}`,
          `--socket=${directory}/s`,
          `--pid-file=${directory}/p`,
          "--skip-name-resolve",
        ],
        ...[
          `--init-file=${directory}/init.sql`,
          `--ssl-cert=${directory}/certificate.pem`,
          `--ssl-key=${directory}/key.pem`,
        ],
      ],
    ],
    ready: { transport: "tcp", port: 3306 },
    clients: [
      [...client, "--skip-ssl"],
      [...client, "--ssl"],
    ],
  };
}

function redis(): Scenario {
  const cli = ["redis-cli", "-h", serverAddress];
  return {
    filter: "tcp port 6379",
    packages: ["redis-server", "redis-tools"],
    files: {},
    servers: [["redis-server", "--bind", serverAddress, "--port", "6379", "--save", "", "--protected-mode", "no"]],
    ready: { transport: "tcp", port: 6379 },
    clients: [
      [...cli, "SET", "key", "value"],
      [...cli, "-3", "HGETALL", "nothing"],
    ],
  };
}

function memcached(directory: string): Scenario {
  const servers = `--servers=${serverAddress}`;
  return {
    filter: "port 11211",
    packages: ["memcached", "libmemcached-tools"],
    files: { key: "value\n" },
    servers: [["memcached", "-u", "root", "-l", serverAddress]],
    ready: { transport: "tcp", port: 11211 },
    clients: [
      ["memccp", servers, `${directory}/key`],
      ["memccat", servers, "key"],
      ["memccp", "--binary", servers, `${directory}/key`],
    ],
  };
}

function mosquitto(directory: string): Scenario {
  const publish = (version: string): readonly string[] => [
    "mosquitto_pub",
    "-h",
    serverAddress,
    "-V",
    version,
    "-i",
    `client-${version}`,
    "-u",
    "alice",
    "-P",
    "secret",
    "-t",
    "test/topic",
    "-m",
    "hello",
    "-q",
    "1",
    "-r",
  ];
  return {
    filter: "tcp port 1883",
    packages: ["mosquitto", "mosquitto-clients"],
    files: { "mosquitto.conf": `listener 1883 ${serverAddress}\nallow_anonymous true\nuser root\n` },
    servers: [["mosquitto", "-c", `${directory}/mosquitto.conf`]],
    ready: { transport: "tcp", port: 1883 },
    clients: [
      publish("mqttv311"),
      publish("mqttv5"),
      ["mosquitto_sub", "-h", serverAddress, "-V", "mqttv5", "-t", "test/#", "-C", "1"],
    ],
  };
}

function etcd(directory: string): Scenario {
  const etcdctl = ["env", "ETCDCTL_API=3", "etcdctl", `--endpoints=http://${serverAddress}:2379`];
  return {
    filter: "tcp port 2379",
    packages: ["etcd-server", "etcd-client"],
    files: {},
    servers: [
      [
        ...["etcd", "--data-dir", `${directory}/etcd`, "--listen-client-urls", `http://${serverAddress}:2379`],
        ...["--advertise-client-urls", `http://${serverAddress}:2379`, "--listen-peer-urls", "http://127.0.0.1:2380"],
      ],
    ],
    ready: { transport: "tcp", port: 2379 },
    clients: [[...etcdctl, "put", "key", "value"]],
  };
}

function nats(): Scenario {
  const lines =
    'CONNECT {"verbose":false,"lang":"bash","name":"fixture"}\\r\\nSUB test 1\\r\\nPUB test 5\\r\\nhello\\r\\nPING\\r\\n';
  return {
    filter: "tcp port 4222",
    packages: ["nats-server"],
    files: {},
    servers: [["nats-server", "-a", serverAddress]],
    ready: { transport: "tcp", port: 4222 },
    clients: [["bash", "-c", `exec 3<>/dev/tcp/${serverAddress}/4222; printf '${lines}' >&3; grep -m1 PONG <&3`]],
  };
}

/** Databases, caches and message brokers. */
export const dataScenarios: Readonly<Record<string, (directory: string) => Scenario>> = {
  pgsql: postgres,
  mysql: mariadb,
  redis,
  memcached,
  mqtt: mosquitto,
  etcd,
  nats,
};
