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
    }
  | { readonly kind: "needMore"; readonly bytes: number }
  | { readonly kind: "notMine" }
  | { readonly kind: "malformed"; readonly reason: string };

/** What a probe or parser may know beside the bytes. */
export interface DissectContext {
  readonly transport: "tcp" | "udp";
  /** True: these bytes went from the side that opened the flow to the other. */
  readonly toServer: boolean;
  readonly clientPort: number;
  readonly serverPort: number;
  /** Cryptography comes from outside: `src/dissect` imports no Node API. */
  readonly crypto: Cryptography;
}

/** The few primitives QUIC's Initial packets need (RFC 9001 section 5). All inputs are bounded by the caller. */
export interface Cryptography {
  hkdfExtractSha256(salt: Uint8Array, key: Uint8Array): Uint8Array;
  hkdfExpandLabelSha256(secret: Uint8Array, label: string, length: number): Uint8Array;
  aes128EcbBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
  /** Undefined when the tag does not verify. */
  aes128GcmOpen(key: Uint8Array, nonce: Uint8Array, additional: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  md5Hex(text: string): string;
  sha256Hex(text: string): string;
}

/** What a flow is known to speak after some of its bytes. */
export interface Identification {
  readonly name: string;
  readonly by: ApplicationEvidence;
  readonly facts: ProtocolFacts;
  readonly hostname?: string;
  readonly hostnameSource?: HostnameSource;
}
