/** What this machine offers, each found out by trying; for `socklens doctor`. Nothing stays open or attached. */
import { existsSync, readFileSync } from "node:fs";
import { cgroupRoot, openSocketPlane } from "./bpf/open.ts";
import { haveLibpcap } from "./capture-filter.ts";
import { openConntrack } from "./conntrack-socket.ts";
import { missingForFull } from "./level.ts";
import { openPacketRing } from "./packet-ring.ts";
import { effectiveCapabilities, hasCapability } from "./privileges.ts";
import { landlockVersion } from "./sandbox.ts";
import { SocketDiagnostics } from "./socket-diagnostics.ts";
import { closeDescriptor } from "./system-calls.ts";

/** `required`: full mode needs it. `optional`: something is lost without it, and `detail` says what. */
export interface Probe {
  /** Stable, for scripts. */
  readonly name: string;
  readonly need: "required" | "optional";
  /** Undefined: it could not be tried, because something above it is missing. */
  readonly ok: boolean | undefined;
  /** What was found, or what is missing. */
  readonly detail: string;
  /** The command that mends it, where there is one. */
  readonly fix?: string;
}

const CAPABILITIES = "cap_bpf,cap_perfmon,cap_net_admin,cap_net_raw,cap_sys_ptrace";

function probeCapabilities(capabilities: bigint): Probe[] {
  const lacking = missingForFull(capabilities);
  const setcap = `sudo setcap ${CAPABILITIES}+ep "${process.execPath}"`;
  const required: Probe = {
    name: "capabilities",
    need: "required",
    ok: lacking.length === 0,
    detail: lacking.length === 0 ? "CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_NET_RAW" : `without ${lacking.join(", ")}`,
    ...(lacking.length === 0 ? {} : { fix: `run with sudo, or: ${setcap}` }),
  };
  const canInspect = hasCapability(capabilities, "sys_ptrace");
  const optional: Probe = {
    name: "process-inspection",
    need: "optional",
    ok: canInspect,
    detail: canInspect
      ? "CAP_SYS_PTRACE"
      : "without CAP_SYS_PTRACE: executables of other users' processes that run already are not known",
    ...(canInspect ? {} : { fix: `run with sudo, or: ${setcap}` }),
  };
  return [required, optional];
}

function probeCgroup(): Probe {
  const directory = cgroupRoot();
  return {
    name: "cgroup2",
    need: "required",
    ok: directory !== undefined,
    detail:
      directory === undefined ? "no cgroup v2 is mounted: programs cannot be attached" : `mounted at ${directory}`,
    ...(directory === undefined
      ? { fix: "sudo mkdir -p /sys/fs/cgroup/unified && sudo mount -t cgroup2 none /sys/fs/cgroup/unified" }
      : {}),
  };
}

function probeSocketPlane(ready: boolean): Probe[] {
  const name = "bpf";
  const need = "required";
  if (!ready) return [{ name, need, ok: undefined, detail: "not tried: capabilities or cgroup v2 are missing" }];
  const plane = openSocketPlane();
  if (!plane.ok) {
    const fix = "use a kernel with CONFIG_BPF_SYSCALL and CONFIG_CGROUP_BPF, not in lockdown (confidentiality)";
    return [{ name, need, ok: false, detail: `the kernel refuses the programs: ${plane.reason}`, fix }];
  }
  const loaded: Probe = { name, need, ok: true, detail: "programs load and attach" };
  const optional = plane.missing.map((detail): Probe => ({
    name: "bpf-optional",
    need: "optional",
    ok: false,
    detail,
  }));
  return [loaded, ...optional];
}

function probeTypes(): Probe {
  const ok = existsSync("/sys/kernel/btf/vmlinux");
  return {
    name: "btf",
    need: "optional",
    ok,
    detail: ok
      ? "/sys/kernel/btf/vmlinux"
      : "no BTF: processes and owners come from /proc, which misses short-lived ones",
    ...(ok ? {} : { fix: "use a kernel with CONFIG_DEBUG_INFO_BTF" }),
  };
}

function probePackets(capabilities: bigint): Probe {
  const name = "packet-socket";
  const need = "required";
  if (!hasCapability(capabilities, "net_raw"))
    return { name, need, ok: undefined, detail: "not tried: no CAP_NET_RAW" };
  const ring = openPacketRing({ interfaceName: "", blockSize: 65_536, blockCount: 1 });
  if (typeof ring === "string") return { name, need, ok: false, detail: ring, fix: "use a kernel with CONFIG_PACKET" };
  closeDescriptor(ring.fd);
  return { name, need, ok: true, detail: "AF_PACKET with TPACKET_V3" };
}

function probeConntrack(capabilities: bigint): Probe {
  const name = "conntrack";
  const need = "optional";
  if (!hasCapability(capabilities, "net_admin"))
    return { name, need, ok: undefined, detail: "not tried: no CAP_NET_ADMIN" };
  const fd = openConntrack();
  if (fd >= 0) {
    closeDescriptor(fd);
    return { name, need, ok: true, detail: "address translations are known" };
  }
  const detail = `errno ${-fd}: a connection behind NAT shows once for each side`;
  return { name, need, ok: false, detail, fix: "sudo modprobe nf_conntrack_netlink" };
}

function probeDiagnostics(): Probe {
  const plane = SocketDiagnostics.open(() => []);
  const ok = typeof plane !== "string";
  if (ok) plane.close();
  return {
    name: "sock-diag",
    need: "optional",
    ok,
    detail: ok ? "sockets can be listed without privileges" : plane,
    ...(ok ? {} : { fix: "sudo modprobe -a inet_diag tcp_diag udp_diag" }),
  };
}

function probeLibpcap(): Probe {
  const ok = haveLibpcap();
  return {
    name: "libpcap",
    need: "optional",
    ok,
    detail: ok ? "capture filters (-f) can be compiled" : "capture filters (-f) cannot be compiled",
    ...(ok ? {} : { fix: "sudo apt install libpcap0.8 (Fedora: sudo dnf install libpcap)" }),
  };
}

function probeSandbox(): Probe {
  const abi = landlockVersion();
  return {
    name: "landlock",
    need: "optional",
    ok: abi > 0,
    detail: abi > 0 ? `ABI ${abi}` : "no Landlock: the engine is confined by its user and by no_new_privs alone",
    ...(abi > 0 ? {} : { fix: "boot with lsm=landlock,... (the present list: cat /sys/kernel/security/lsm)" }),
  };
}

function readNumber(path: string): number | undefined {
  try {
    const text = readFileSync(path, "latin1").trim();
    return /^-?[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Settings that take something away from a process that has all capabilities. */
function probeSettings(capabilities: bigint): Probe {
  const name = "sysctl";
  // 3 and more is a distribution's patch: perf events are refused even with CAP_PERFMON; tracing then fails.
  const paranoid = readNumber("/proc/sys/kernel/perf_event_paranoid") ?? 0;
  const ok = paranoid < 3 || hasCapability(capabilities, "sys_admin");
  return {
    name,
    need: "optional",
    ok,
    detail: ok
      ? "no setting stands in the way"
      : `kernel.perf_event_paranoid is ${paranoid}: process events may be refused`,
    ...(ok ? {} : { fix: "sudo sysctl kernel.perf_event_paranoid=2" }),
  };
}

/** Tries everything once, in the order in which a person would mend it. */
export function probeAll(): Probe[] {
  const capabilities = effectiveCapabilities();
  const rights = probeCapabilities(capabilities);
  const cgroup = probeCgroup();
  const ready = rights[0]?.ok === true && cgroup.ok === true;
  return [
    ...rights,
    cgroup,
    ...probeSocketPlane(ready),
    probeTypes(),
    probePackets(capabilities),
    probeConntrack(capabilities),
    probeDiagnostics(),
    probeLibpcap(),
    probeSandbox(),
    probeSettings(capabilities),
  ];
}
