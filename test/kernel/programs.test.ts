import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  asClient,
  asServer,
  Bed,
  expectMoved,
  findProgram,
  missing,
  onPort,
  run,
  until,
  words,
  type FlowRecord,
  type Task,
} from "./harness/index.ts";

const skip = missing("curl", "nginx", "openssl", "ssh", "sshd", "ssh-keygen", "dnsmasq", "nc") ?? false;
const name = "www.socklens.example";
const size = 3_000_000;

describe("real programs", { skip }, () => {
  let bed: Bed;
  before(async () => {
    bed = await Bed.create();
  });
  after(async () => {
    await bed?.close();
  });

  const path = (program: string): string => realpathSync(findProgram(program) ?? "");
  const listening = async (port: number, task: Task): Promise<void> => {
    const bound = await until(
      () => bed.right.run("ss", "-Hltn", `sport = :${port}`).trim() !== "" || task.status !== undefined,
    );
    assert.ok(bound && task.status === undefined, `nobody listens on ${port}: ${task.describe()}`);
  };
  const children = (pid: number): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);

  const startNginx = async (): Promise<Task> => {
    const directory = join(bed.pair.network.directory, "nginx");
    mkdirSync(join(directory, "root"), { recursive: true });
    writeFileSync(join(directory, "root", "file"), Buffer.alloc(size));
    const certificate = words(`openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name}`);
    run([...certificate, "-keyout", join(directory, "key"), "-out", join(directory, "certificate")]);
    const listen = (port: number): string => `listen ${bed.right.ipv4}:${port}`;
    writeFileSync(
      join(directory, "nginx.conf"),
      `daemon off; worker_processes 1; user root; pid ${directory}/pid; error_log ${directory}/error.log;
       events { worker_connections 64; }
       http {
         access_log off; client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
         fastcgi_temp_path ${directory}/fastcgi; uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
         server {
           ${listen(5801)}; ${listen(5802)} ssl; root ${directory}/root;
           ssl_certificate ${directory}/certificate; ssl_certificate_key ${directory}/key;
         }
       }`,
    );
    const task = bed.start(bed.right, ["nginx", "-p", directory, "-c", join(directory, "nginx.conf")]);
    await listening(5802, task);
    return task;
  };

  it("sees curl and nginx, their protocol and the name asked for", async () => {
    const nginx = await startNginx();
    const [worker = 0] = children(nginx.pid);
    for (const [scheme, port, protocol] of [
      ["http", 5801, "http"],
      ["https", 5802, "tls"],
    ] as const) {
      const target = ["--resolve", `${name}:${port}:${bed.right.ipv4}`, `${scheme}://${name}:${port}/file`];
      const curl = bed.start(bed.left, ["curl", "-sS", "-k", "--http1.1", "-o", "/dev/null", ...target]);
      await curl.finished();
      const counted = await bed.exchangedWhenQuiet("TCP", port);
      assert.ok(counted.toClient.bytes > size, "the scenario itself is broken");
      const flows = onPort("TCP", port);
      await expectMoved(bed.monitor, {
        what: `curl ${scheme}`,
        pid: curl.pid,
        executable: path("curl"),
        flows,
        isSource: asClient(port),
        sent: counted.toServer.bytes,
        received: counted.toClient.bytes,
      });
      await expectMoved(bed.monitor, {
        what: `nginx ${scheme}`,
        pid: worker,
        executable: path("nginx"),
        flows,
        isSource: asServer(port),
        sent: counted.toClient.bytes,
        received: counted.toServer.bytes,
      });
      // A tick may see a connection before what was said on it.
      const isCurl = (record: FlowRecord): boolean => flows(record) && record.process?.pid === curl.pid;
      const row = await bed.monitor.flow(
        (record) => isCurl(record) && record.hostname !== undefined,
        "curl with a name",
      );
      assert.equal(row.app_proto, protocol);
      assert.equal(row.hostname, name);
      assert.equal(row.hostname_source, protocol === "tls" ? "sni" : "http");
      if (protocol === "tls") assert.equal(row.tls?.sni, name);
      if (protocol === "http") assert.match(row.http?.hostname ?? "", new RegExp(`^${name}(:${port})?$`));
    }
    await nginx.stop();
  });

  it("sees ssh and sshd", async () => {
    const port = 5803;
    const directory = join(bed.pair.network.directory, "ssh");
    mkdirSync(directory, { mode: 0o700 });
    for (const key of ["host", "user"])
      run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(directory, key)]);
    copyFileSync(join(directory, "user.pub"), join(directory, "authorized"));
    mkdirSync("/run/sshd", { recursive: true });
    const options = words(
      `ListenAddress=${bed.right.ipv4} Port=${port} HostKey=${directory}/host UsePAM=no StrictModes=no
       AuthorizedKeysFile=${directory}/authorized PermitRootLogin=yes PidFile=none`,
    ).flatMap((option) => ["-o", option]);
    const sshd = bed.start(bed.right, [findProgram("sshd") ?? "", "-D", "-e", "-f", "/dev/null", ...options]);
    await listening(port, sshd);
    const target = words(
      `-F /dev/null -i ${directory}/user -p ${port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
       -o BatchMode=yes root@${bed.right.ipv4}`,
    );
    const ssh = bed.start(bed.left, ["ssh", ...target, `head -c ${size} /dev/zero`]);
    await ssh.finished();
    assert.equal(ssh.stdout.length, size, "the scenario itself is broken");
    const counted = await bed.exchangedWhenQuiet("TCP", port);
    const flows = onPort("TCP", port);
    await expectMoved(bed.monitor, {
      what: "ssh",
      pid: ssh.pid,
      executable: path("ssh"),
      flows,
      isSource: asClient(port),
      sent: counted.toServer.bytes,
      received: counted.toClient.bytes,
    });
    const isSsh = (record: FlowRecord): boolean => flows(record) && record.process?.pid === ssh.pid;
    const row = await bed.monitor.flow((record) => isSsh(record) && record.ssh?.client !== undefined, "ssh's banner");
    assert.equal(row.app_proto, "ssh");
    assert.match(row.ssh?.client?.software_version ?? "", /^OpenSSH/);
    const serving = (record: FlowRecord): boolean =>
      flows(record) && record.process?.pid !== ssh.pid && record.process?.executable?.includes("sshd") === true;
    await bed.monitor.flow(serving, "sshd");
    await sshd.stop();
  });

  it("sees a lookup answered by dnsmasq, and names the connection that follows", async () => {
    const port = 5804;
    const directory = join(bed.pair.network.directory, "dns");
    mkdirSync(directory);
    const resolver = join(directory, "resolv.conf");
    writeFileSync(resolver, `nameserver ${bed.right.ipv4}\n`);
    const text = join(directory, "text");
    writeFileSync(text, "nothing that any protocol would claim\n".repeat(5000));
    const command = words(
      `dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file=
       --bind-interfaces --listen-address=${bed.right.ipv4} --address=/${name}/${bed.right.ipv4}`,
    );
    const dnsmasq = bed.start(bed.right, command);
    await listening(53, dnsmasq);
    const sink = bed.start(bed.right, ["nc", "-l", bed.right.ipv4, String(port)]);
    await listening(port, sink);
    const script = `mount --bind ${resolver} /etc/resolv.conf && exec nc -N ${name} ${port} < ${text}`;
    const client = bed.start(bed.left, ["unshare", "--mount", "sh", "-c", script]);
    await client.finished();
    const counted = await bed.exchangedWhenQuiet("TCP", port);
    await expectMoved(bed.monitor, {
      what: "nc",
      pid: client.pid,
      executable: path("nc"),
      flows: onPort("TCP", port),
      isSource: asClient(port),
      sent: counted.toServer.bytes,
      received: counted.toClient.bytes,
    });
    const isLookup = (pid: number) => (record: FlowRecord) =>
      record.process?.pid === pid && record.app_proto === "dns" && record.proto === "UDP";
    const asksForIt = (record: FlowRecord): boolean =>
      record.dns?.queries?.some(({ rrname, rrtype }) => rrname === name && rrtype === "A") === true;
    const isClientLookup = isLookup(client.pid);
    await bed.monitor.flow((record) => isClientLookup(record) && asksForIt(record), "the lookup by nc");
    await bed.monitor.flow(isLookup(dnsmasq.pid), "the lookup by dnsmasq");
    const matches = onPort("TCP", port);
    // A tick may see the connection before the answer that came just before it: the next one names it.
    const isNamed = (record: FlowRecord): boolean => record.hostname !== undefined;
    const isClient = (record: FlowRecord): boolean => matches(record) && record.process?.pid === client.pid;
    const row = await bed.monitor.flow((record) => isClient(record) && isNamed(record), "nc with a host name");
    assert.equal(row.hostname, name);
    assert.equal(row.hostname_source, "dns");
    await dnsmasq.stop();
  });
});
