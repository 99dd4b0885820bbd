/**
 * Facts about what a connection speaks. Names and object keys are those of Suricata EVE where it has them, because
 * they go out as JSON unchanged. Never payload, never secrets.
 */
/** DNS over TLS, over QUIC, over HTTPS. */
export type EncryptedDns = "dot" | "doq" | "doh";
/** ALPN says so itself; a port or the name of a resolver only suggests it. */
export type EncryptedDnsEvidence = "alpn" | "port" | "sni";

export interface TlsFacts {
  sni?: string;
  /** As EVE prints it: "TLS 1.3". */
  version?: string;
  /** ALPN protocols offered by the client, in order. */
  client_alpns?: string[];
  /** ALPN protocol the server chose, where it is in clear. */
  server_alpn?: string;
  cipher_suite?: string;
  subject?: string;
  issuerdn?: string;
  notbefore?: string;
  notafter?: string;
  session_resumed?: boolean;
  ech?: boolean;
  /** The certificate is one as Tor makes them for its links. */
  tor?: boolean;
  encrypted_dns?: EncryptedDns;
  encrypted_dns_by?: EncryptedDnsEvidence;
  ja3?: string;
  ja3s?: string;
  ja4?: string;
}

export interface HttpFacts {
  hostname?: string;
  http_method?: string;
  /** Path without its query string: queries carry secrets. */
  url?: string;
  http_user_agent?: string;
  status?: number;
  protocol?: string;
  server?: string;
  upgrade?: string;
}

export interface DnsQuery {
  rrname: string;
  rrtype: string;
}

export interface DnsAnswer {
  rrname: string;
  rrtype: string;
  ttl: number;
  rdata?: string;
}

export interface DnsFacts {
  queries?: DnsQuery[];
  answers?: DnsAnswer[];
  rcode?: string;
}

export interface SshFacts {
  client?: { proto_version: string; software_version: string };
  server?: { proto_version: string; software_version: string };
  /** How far it got, as far as the wire shows it; "encrypted" when the end of the key exchange was not seen. */
  state?: "banner" | "key exchange" | "encrypted" | "authentication" | "established";
  /** That the user got in is not in clear: it is inferred from the lengths of what is sent. */
  state_by?: "inferred";
}

export interface QuicFacts {
  version?: string;
  sni?: string;
  client_alpns?: string[];
  ja3?: string;
  ja4?: string;
  encrypted_dns?: EncryptedDns;
  encrypted_dns_by?: EncryptedDnsEvidence;
}

/** Per-protocol facts, each under the name the JSON contract gives it. */
export interface ProtocolFacts {
  tls?: TlsFacts;
  http?: HttpFacts;
  /** HTTP that went through an answered CONNECT, whose own facts are `http`. */
  http_tunnel?: HttpFacts;
  dns?: DnsFacts;
  ssh?: SshFacts;
  quic?: QuicFacts;
  /** Facts of protocols that have no typed form: small, flat, printable. */
  [protocol: string]: unknown;
}

/** What a claim about the application protocol rests on. A port alone is a hint and says so. */
export type ApplicationEvidence = "payload" | "inferred" | "port";

/** The application protocol of a connection. */
export interface Application {
  /** Lower case, Suricata's name where it has one ("tls", "http", "dns", "ssh", "quic"). */
  readonly name: string;
  readonly by: ApplicationEvidence;
  /** What the flow spoke before it changed over (STARTTLS, Upgrade, CONNECT); EVE's `app_proto_orig`. */
  readonly originally?: string;
  readonly facts: Readonly<ProtocolFacts>;
  /** Host name that the payload itself claims (SNI, Host header), if any. */
  readonly hostname?: string;
  readonly hostnameSource?: HostnameSource;
}

/** A family of services, by the domains of who operates it ("GitHub", "development"). */
export interface Family {
  readonly name: string;
  readonly category: string;
}

/** The family that a host name belongs to. */
export interface FamilyLookup {
  (hostname: string): Family | undefined;
}

/**
 * The family of a connection's other side, and the name that tells it: one its own payload claims ("sni", "http") or asks
 * for ("query"), or one that its address is known by.
 */
export interface ConnectionFamily extends Family {
  readonly source: HostnameSource | "query";
}

/** Where a host name comes from, best first; "nrb" is a capture file's name resolution block. */
export type HostnameSource = "sni" | "http" | "dns" | "hosts" | "nrb" | "ptr";

/** A host name with where it comes from. */
export interface KnownName {
  readonly name: string;
  readonly source: HostnameSource;
}
