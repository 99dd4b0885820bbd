import type { ApplicationEvidence, HostnameSource, ProtocolFacts } from "../model/index.ts";

/** What one protocol's function says about the bytes it was shown. */
export type Verdict =
  | {
      readonly kind: "match";
      /** Suricata's name: "tls", "http", ... */
      readonly name: string;
      readonly facts: ProtocolFacts;
      readonly hostname?: string;
      readonly hostnameSource?: HostnameSource;
      /** Nothing more is to be learned from this flow: the kernel may stop sampling. */
      readonly complete: boolean;
      /** Nothing more is to be learned from this direction: its bytes need not be kept or shown again. */
      readonly done?: boolean;
      /**
       * Of a stream: so many bytes from its start belong to this protocol, what follows is another one (STARTTLS,
       * Upgrade, CONNECT) and is identified anew. The other direction goes on until it says the same.
       */
      readonly handover?: number;
    }
  /** Undecided; `bytes`: how many from the start of these would help, at the least. */
  | { readonly kind: "needMore"; readonly bytes: number }
  | { readonly kind: "notMine" }
  | { readonly kind: "malformed"; readonly reason: string };

/**
 * What a probe says of the first bytes of a direction: "yes", they have this protocol's structure; "more", so far they
 * do, but that is not enough to tell; "no", they cannot be it. A probe is cheap and allocates nothing.
 */
export type Likeness = "yes" | "more" | "no";

/**
 * What a protocol remembers of one flow between calls, under the registry row's name: what the other direction said,
 * datagrams that belong together. Whoever writes it bounds it.
 */
export type FlowMemory = { [protocol: string]: object | undefined };

/** What a probe or parser may know beside the bytes. One object is reused for all calls of a flow. */
export interface DissectContext {
  readonly transport: "tcp" | "udp";
  /** True: these bytes went from the side that opened the flow to the other. */
  readonly toServer: boolean;
  readonly clientPort: number;
  readonly serverPort: number;
  /** Nothing will follow these bytes (a hole in the capture, a bound reached): make of them what can be made. */
  readonly last: boolean;
  readonly memory: FlowMemory;
  /** Cryptography comes from outside: `src/dissect` imports no Node API. */
  readonly crypto: Cryptography;
  /** Takes a name that the payload gives to an address. */
  readonly onName: ((observation: NameObservation) => void) | undefined;
  /** Takes a flow that the payload announces; the same one may be announced again. */
  readonly onExpect: ((expected: ExpectedFlow) => void) | undefined;
}

/** A name that DNS gave to an address: feeds the table's host names. */
export interface NameObservation {
  readonly name: string;
  readonly address: string;
  /** Seconds the answer is valid. */
  readonly ttl: number;
}

/**
 * Another flow that this one announces (RFC 959 PASV, RFC 1350's new ports, RFC 8866 SDP): known by where it is to arrive,
 * before its payload says anything.
 */
export interface ExpectedFlow {
  readonly transport: "tcp" | "udp";
  /** Where it arrives: a side of this flow, or an address as text. */
  readonly host: "client" | "server" | { readonly address: string };
  readonly port: number;
  /** What it will speak: "ftp-data", "tftp", "rtp", "rtcp". */
  readonly name: string;
}

/** The few primitives QUIC's Initial packets need (RFC 9001 section 5). All inputs are bounded by the caller. */
export interface Cryptography {
  hkdfExtractSha256(salt: Uint8Array, key: Uint8Array): Uint8Array;
  hkdfExpandLabelSha256(secret: Uint8Array, label: string, length: number): Uint8Array;
  aes128EcbBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
  /** Undefined when the tag does not verify. */
  aes128GcmOpen(key: Uint8Array, nonce: Uint8Array, additional: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  /** Hashes of text that is ASCII. */
  md5Hex(text: string): string;
  sha256Hex(text: string): string;
}

/** What a flow is known to speak after some of its bytes. */
export interface Identification {
  readonly name: string;
  /** What the flow spoke before it changed over (STARTTLS, Upgrade, CONNECT); EVE's `app_proto_orig`. */
  readonly originally?: string;
  readonly by: ApplicationEvidence;
  readonly facts: ProtocolFacts;
  readonly hostname?: string;
  readonly hostnameSource?: HostnameSource;
}
