/** Everything the broker opens for the engine, and the level that this makes. Nothing is read from it here. */
import { openSync } from "node:fs";
import type { LevelReport } from "../../model/index.ts";
import { compileFilter, compileFilterForAll, keepAll, LINKTYPE_ETHERNET } from "./capture-filter.ts";
import { openConntrack } from "./conntrack-socket.ts";
import { decideLevel, missingForFull } from "./level.ts";
import { openPacketRing } from "./packet-ring.ts";
import type { OpenPacketRing, PacketFilter } from "./packet-ring.ts";
import { effectiveCapabilities, hasCapability } from "./privileges.ts";
import { closeDescriptor } from "./system-calls.ts";

/** What the command line asks of the host. */
export interface ResourceOptions {
  /** Interfaces to take frames from; empty: all. */
  readonly interfaces: readonly string[];
  /** Capture filter in tcpdump syntax. */
  readonly captureFilter?: string;
  readonly promiscuous?: boolean;
  /** Capture file to replay: nothing live is opened. */
  readonly replay?: string;
}

/** The socket plane as the broker hands it on. `flowFilter` is the program that packet sockets are to run. */
export type OpenedSocketPlane =
  | {
      readonly ok: true;
      readonly descriptors: readonly number[];
      readonly description: object;
      readonly flowFilter?: number;
      readonly missing?: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

export interface Resources {
  readonly level: LevelReport;
  readonly socketPlane?: { readonly descriptors: readonly number[]; readonly description: object };
  readonly packetRings: readonly OpenPacketRing[];
  readonly conntrack?: number;
  readonly replay?: number;
}

/** Bytes kept of each frame where no filter in the kernel picks the few that matter: a whole Ethernet frame. */
const SNAP_LENGTH = 1600;
const BLOCK_SIZE = 65_536;

/** The filter of one ring: what the person asked for, else the flow filter of the socket plane, else all frames. */
function ringFilter(name: string, options: ResourceOptions, flowFilter: number | undefined): PacketFilter | string {
  const expression = options.captureFilter;
  if (expression === undefined) {
    return flowFilter === undefined
      ? { kind: "classic", program: keepAll(SNAP_LENGTH) }
      : { kind: "ebpf", fd: flowFilter };
  }
  const compiled =
    name === ""
      ? compileFilterForAll(expression, SNAP_LENGTH)
      : compileFilter(expression, LINKTYPE_ETHERNET, SNAP_LENGTH);
  return "error" in compiled ? compiled.error : { kind: "classic", program: compiled.program };
}

/** Opens one ring for each interface; none, with a text, if one of them fails. */
function openRings(options: ResourceOptions, flowFilter: number | undefined): OpenPacketRing[] | string {
  const rings: OpenPacketRing[] = [];
  for (const interfaceName of options.interfaces.length > 0 ? options.interfaces : [""]) {
    const filter = ringFilter(interfaceName, options, flowFilter);
    const ring =
      typeof filter === "string"
        ? filter
        : openPacketRing({
            interfaceName,
            filter,
            promiscuous: options.promiscuous ?? false,
            // What leaves this machine has a socket, which counts it; looking at it again would slow every sender.
            ignoreOutgoing: filter.kind === "ebpf",
            blockSize: BLOCK_SIZE,
            blockCount: filter.kind === "ebpf" ? 32 : 128,
          });
    if (typeof ring === "string") {
      for (const opened of rings) closeDescriptor(opened.fd);
      return ring;
    }
    rings.push(ring);
  }
  return rings;
}

function openReplay(path: string): Resources | string {
  try {
    const level: LevelReport = { level: "replay", missing: [] };
    return { level, packetRings: [], replay: openSync(path, "r") };
  } catch (error) {
    return `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? "error"}`;
  }
}

/** Frames are wanted by name or filter: then a failure is the person's to know, not a lower level. */
const asksForFrames = (options: ResourceOptions): boolean =>
  options.interfaces.length > 0 || options.captureFilter !== undefined;

/**
 * Opens what the process may open. A text is a failure that ends the program (an unknown interface, a bad filter, a
 * file that cannot be read); what merely lowers the level is in the level's report.
 */
export function openResources(options: ResourceOptions, openSocketPlane: () => OpenedSocketPlane): Resources | string {
  if (options.replay !== undefined) return openReplay(options.replay);
  const capabilities = effectiveCapabilities();
  const lacking = missingForFull(capabilities);
  const plane: OpenedSocketPlane =
    lacking.length > 0 ? { ok: false, reason: `without ${lacking.join(", ")}` } : openSocketPlane();
  const missing = plane.ok ? [...(plane.missing ?? [])] : [];
  let packetRings: readonly OpenPacketRing[] = [];
  let wireProblem: string | undefined = "frames need CAP_NET_RAW: run with sudo, or see socklens doctor";
  if (hasCapability(capabilities, "net_raw")) {
    const rings = openRings(options, plane.ok ? plane.flowFilter : undefined);
    if (typeof rings !== "string") packetRings = rings;
    wireProblem = typeof rings === "string" ? rings : undefined;
  }
  if (wireProblem !== undefined && asksForFrames(options)) return wireProblem;
  let conntrack: number | undefined;
  if (hasCapability(capabilities, "net_admin")) {
    const opened = openConntrack();
    if (opened >= 0) conntrack = opened;
    else missing.push(`address translation: errno ${-opened}`);
  }
  const socketProblem = plane.ok ? undefined : plane.reason;
  const level = decideLevel(capabilities, { socketPlane: socketProblem, wirePlane: wireProblem, missing });
  return {
    level,
    packetRings,
    ...(plane.ok ? { socketPlane: { descriptors: plane.descriptors, description: plane.description } } : {}),
    ...(conntrack === undefined ? {} : { conntrack }),
  };
}
