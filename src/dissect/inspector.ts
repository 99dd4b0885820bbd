import type { Cryptography, ExpectedFlow, Identification, NameObservation } from "./verdict.ts";

export type { ExpectedFlow, NameObservation } from "./verdict.ts";

/**
 * Follows one flow from its first bytes to its protocol. Bounded: keeps at most `inspectorLimits.bytes` a direction.
 * Created when the first payload of a flow is seen, dropped when `finished` turns true.
 */
export interface FlowInspector {
  /**
   * Next bytes of a TCP stream. `sequence` is the segment's own sequence number (32 bits, signed or unsigned): that of
   * `bytes[0]`, or with `syn` that of the SYN, which `bytes[0]` (TCP Fast Open) follows. Segments may come twice,
   * overlap, come out of order or be missing; a SYN need not be shown, and may be shown without bytes.
   * `bytes` is only valid during the call. `wireLength` is the payload's length on the wire: `bytes` may be a prefix of it.
   */
  segment(toServer: boolean, sequence: number, syn: boolean, bytes: Uint8Array, wireLength: number): void;
  /** Next datagram of a UDP flow. */
  datagram(toServer: boolean, bytes: Uint8Array, wireLength: number): void;
  /** Best knowledge so far; a port hint when nothing better is known yet, undefined when not even that. */
  readonly identification: Identification | undefined;
  /** Bytes of payload it holds; what its protocol remembers is counted at its bound. */
  readonly heldBytes: number;
  /** True: no further bytes can change or add to `identification`. */
  readonly finished: boolean;
  /** Gives back what it holds: nothing is shown to it any more. */
  release(): void;
}

export interface InspectorEnvironment {
  readonly crypto: Cryptography;
  readonly onName?: (observation: NameObservation) => void;
  /** Called while the announcing flow's bytes are being shown. */
  readonly onExpect?: (expected: ExpectedFlow) => void;
}

export interface InspectorFactory {
  (transport: "tcp" | "udp", clientPort: number, serverPort: number): FlowInspector;
}

export type CreateInspectorFactory = (environment: InspectorEnvironment) => InspectorFactory;
