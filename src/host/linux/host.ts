/** Puts the host together in the engine, from what the broker handed over. */
import type {
  Host,
  InterfaceSource,
  LevelReport,
  SocketPlane,
  TranslationSource,
  WirePlane,
} from "../../model/index.ts";
import { ConntrackTranslations } from "./conntrack.ts";
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
  readonly sockets?: SocketPlane;
  /** Wraps the packet rings with what else the wire plane has. */
  readonly wire?: (rings: PacketRings) => WirePlane;
  readonly packetRings: readonly OpenPacketRing[];
  readonly conntrack?: number;
  /** Asks the broker. */
  readonly restricted: (pid: number) => RestrictedFacts | undefined;
  readonly owners: OwnerLookup;
}

/** The host of a level; a text says what could not be set up. */
export function createLinuxHost(parts: LinuxHostParts): Host | string {
  const sockets = parts.sockets ?? SocketDiagnostics.open(parts.owners);
  if (typeof sockets === "string") return sockets;
  const rings = parts.packetRings.length > 0 ? PacketRings.attach(parts.packetRings) : undefined;
  if (typeof rings === "string") return rings;
  const wire = rings === undefined ? undefined : (parts.wire?.(rings) ?? rings);
  const translations: TranslationSource | undefined =
    parts.conntrack === undefined ? undefined : new ConntrackTranslations(parts.conntrack);
  const interfaces: InterfaceSource & { close(): void } = new LinuxInterfaces();
  return {
    level: parts.level,
    sockets,
    ...(wire === undefined ? {} : { wire }),
    ...(translations === undefined ? {} : { translations }),
    processes: new LinuxProcesses({ restricted: parts.restricted }),
    interfaces,
    close() {
      sockets.close();
      wire?.close();
      translations?.close();
      interfaces.close();
    },
  };
}
