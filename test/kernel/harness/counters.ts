/**
 * The independent count: nftables counts what arrives in a namespace, by tuple, before anything else has seen it. Bytes
 * are IP bytes, header included. Where the link has no offload these are the packets of the wire.
 */
import type { Namespace } from "./network.ts";

export interface Count {
  packets: number;
  bytes: number;
}

/** What a count is asked for; what is left out matches everything. */
export interface Tuple {
  readonly protocol?: number;
  readonly source?: string;
  readonly sourcePort?: number;
  readonly destination?: string;
  readonly destinationPort?: number;
}

interface SetListing {
  nftables: {
    set?: { elem?: { elem: { val: { concat: (string | number)[] }; counter: Count } }[] };
  }[];
}

/** nftables prints some protocols by name, whatever is asked of it. */
const protocolNumbers: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  "ipv6-icmp": 58,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
};

/** Counters of everything that arrives in one namespace. */
export class Counters {
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
    const sets: string[] = [];
    const rules: string[] = [];
    for (const [family, number] of [
      ["ip", 4],
      ["ip6", 6],
    ] as const) {
      const protocol = "meta l4proto";
      sets.push(
        `set ports${number} { typeof ${family} saddr . ${family} daddr . ${protocol} . th sport . th dport; flags dynamic; size 65535; }`,
        `set hosts${number} { typeof ${family} saddr . ${family} daddr . ${protocol}; flags dynamic; size 65535; }`,
      );
      rules.push(
        `meta nfproto ipv${number} meta l4proto { 6, 17, 132, 136 } add @ports${number} { ${family} saddr . ${family} daddr . ${protocol} . th sport . th dport counter }`,
        `meta nfproto ipv${number} add @hosts${number} { ${family} saddr . ${family} daddr . ${protocol} counter }`,
      );
    }
    namespace.tables(
      `table inet socklens_count {\n${sets.join("\n")}\nchain arriving { type filter hook prerouting priority -450;\n${rules.join("\n")}\n}\n}\n`,
    );
  }

  /** What has arrived and matches. */
  read(tuple: Tuple): Count {
    const byPort = tuple.sourcePort !== undefined || tuple.destinationPort !== undefined;
    const total = { packets: 0, bytes: 0 };
    for (const number of [4, 6]) {
      for (const { key, counter } of this.#elements(`${byPort ? "ports" : "hosts"}${number}`)) {
        if (!matches(key, tuple)) continue;
        total.packets += counter.packets;
        total.bytes += counter.bytes;
      }
    }
    return total;
  }

  /** Every tuple that has arrived, with its count: for messages. */
  describe(): string {
    return [4, 6]
      .flatMap((number) => this.#elements(`ports${number}`))
      .map(({ key, counter }) => `${key.join(" ")}: ${counter.packets} packets, ${counter.bytes} bytes`)
      .join("\n");
  }

  /** Stops counting. */
  remove(): void {
    this.#namespace.tables("delete table inet socklens_count\n");
  }

  #elements(set: string): { key: (string | number)[]; counter: Count }[] {
    const text = this.#namespace.run("nft", "-n", "-j", "list", "set", "inet", "socklens_count", set);
    const listing = JSON.parse(text) as SetListing;
    const elements = listing.nftables.find((entry) => entry.set !== undefined)?.set?.elem ?? [];
    return elements.map(({ elem }) => ({ key: elem.val.concat, counter: elem.counter }));
  }
}

function matches(key: readonly (string | number)[], tuple: Tuple): boolean {
  const [source, destination, protocol, sourcePort, destinationPort] = key;
  const number = protocolNumbers[String(protocol)] ?? Number(protocol);
  return (
    (tuple.source === undefined || tuple.source === source) &&
    (tuple.destination === undefined || tuple.destination === destination) &&
    (tuple.protocol === undefined || tuple.protocol === number) &&
    (tuple.sourcePort === undefined || tuple.sourcePort === Number(sourcePort)) &&
    (tuple.destinationPort === undefined || tuple.destinationPort === Number(destinationPort))
  );
}
