/** Addresses of the two ends of the link that `capture-fixture` makes. */
export const clientAddress = "192.0.2.1";
export const serverAddress = "192.0.2.2";

/** What one fixture is made with. Commands are run without a shell, `directory` is theirs alone. */
export interface Scenario {
  /** What tcpdump keeps. */
  readonly filter: string;
  /** Files written into `directory` first. */
  readonly files: Readonly<Record<string, string>>;
  /** Debian packages whose versions the golden file names; those of the programs that speak. */
  readonly packages?: readonly string[];
  /** Programs at the server's end before anything is captured; all must succeed. */
  readonly prepare?: readonly (readonly string[])[];
  /** Long-running programs at the server's end. */
  readonly servers: readonly (readonly string[])[];
  /** Port that must accept TCP connections, or appear among the UDP sockets, before a client starts; none below TCP and UDP. */
  readonly ready?: { readonly transport: "tcp" | "udp"; readonly port: number };
  /** Programs at the client's end, one after the other; all must succeed. */
  readonly clients: readonly (readonly string[])[];
}
