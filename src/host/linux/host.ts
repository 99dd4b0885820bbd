/** Puts the host together in the engine, from what the broker handed over. */
import type {
  Host,
  InterfaceSource,
  LevelReport,
  SocketPlane,
  TranslationSource,
  WirePlane,
} from "../../model/index.ts";
import { attachSocketPlane } from "./bpf/attach.ts";
import type { SocketPlaneDescription } from "./bpf/open.ts";
import { ConntrackTranslations } from "./conntrack.ts";
import { CountedWirePlane } from "./counted-wire-plane.ts";
import { LinuxNetwork } from "./network.ts";
import { LinuxInterfaces } from "./interfaces.ts";
import { PacketRings } from "./packet-ring.ts";
import type { OpenPacketRing } from "./packet-ring.ts";
import { LinuxProcesses } from "./processes.ts";
import type { RestrictedFacts } from "./processes.ts";
import { SocketDiagnostics } from "./socket-diagnostics.ts";
import type { OwnerLookup } from "./socket-diagnostics.ts";

export interface LinuxHostParts {
  readonly level: LevelReport;
  /** The planes that the kernel counts in; absent: socket diagnostics stand in. */
  readonly socketPlane?: { readonly description: object; readonly descriptors: readonly number[] };
  readonly packetRings: readonly OpenPacketRing[];
  readonly conntrack?: number;
  /** Asks the broker. */
  readonly restricted: (pid: number) => RestrictedFacts | undefined;
  readonly owners: OwnerLookup;
}

interface Planes {
  readonly sockets: SocketPlane;
  readonly wire?: WirePlane;
}

function createPlanes(parts: LinuxHostParts, interfaces: InterfaceSource): Planes | string {
  const rings = parts.packetRings.length > 0 ? PacketRings.attach(parts.packetRings) : undefined;
  if (typeof rings === "string") return rings;
  if (parts.socketPlane === undefined) {
    const sockets = SocketDiagnostics.open(parts.owners);
    return typeof sockets === "string" ? sockets : { sockets, ...(rings && { wire: rings }) };
  }
  const { description, descriptors } = parts.socketPlane;
  // The description comes from the broker's half of the same code.
  const attached = attachSocketPlane(description as SocketPlaneDescription, descriptors);
  if (typeof attached === "string") return attached;
  const { sockets, wireFlows: flows } = attached;
  return { sockets, ...(rings && { wire: new CountedWirePlane({ frames: rings, flows, sockets, interfaces }) }) };
}

/** The host of a level; a text says what could not be set up. */
export function createLinuxHost(parts: LinuxHostParts): Host | string {
  const interfaces = new LinuxInterfaces();
  const network = new LinuxNetwork();
  const planes = createPlanes(parts, interfaces);
  if (typeof planes === "string") return planes;
  const { sockets, wire } = planes;
  const translations: TranslationSource | undefined =
    parts.conntrack === undefined ? undefined : new ConntrackTranslations(parts.conntrack);
  return {
    level: parts.level,
    sockets,
    ...(wire === undefined ? {} : { wire }),
    ...(translations === undefined ? {} : { translations }),
    processes: new LinuxProcesses({ restricted: parts.restricted }),
    interfaces,
    network,
    close() {
      network.close();
      sockets.close();
      wire?.close();
      translations?.close();
      interfaces.close();
    },
  };
}
