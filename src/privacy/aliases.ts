/** Values of one kind that an alias is remembered for; the oldest go first. */
const remembered = 65_536;

/**
 * One kind of thing that has aliases: the first value seen is 1. Numbers follow the order in which values were seen in
 * this run, so that they say nothing about the values. Bounded: a value that was forgotten gets a new number.
 */
class Numbering {
  readonly #alias: (number: number) => string;
  readonly #aliases = new Map<string, string>();
  readonly #values: Map<string, string>;
  #last = 0;

  /** `values` is told which value stands behind each alias. */
  constructor(values: Map<string, string>, alias: (number: number) => string) {
    this.#values = values;
    this.#alias = alias;
  }

  of(value: string): string {
    const known = this.#aliases.get(value);
    if (known !== undefined) return known;
    if (this.#aliases.size >= remembered) this.#forget();
    const made = this.#alias(++this.#last);
    this.#aliases.set(value, made);
    this.#values.set(made, value);
    return made;
  }

  /** `value` is another name of what has this alias. */
  also(value: string, alias: string): void {
    if (this.#aliases.size < remembered) this.#aliases.set(value, alias);
  }

  has(value: string): boolean {
    return this.#aliases.has(value);
  }

  #forget(): void {
    for (const [value, alias] of this.#aliases) {
      this.#aliases.delete(value);
      this.#values.delete(alias);
      return;
    }
  }
}

const hex = (value: number): string => value.toString(16);
const byte = (value: number, shift: number): number => (value >>> shift) & 255;
const pair = (value: number): string => hex(value).padStart(2, "0");

/** 198.18.0.0/15 (RFC 2544, benchmarks): no machine outside of a laboratory has such an address. */
const ipv4Alias = (number: number): string => `198.${18 + ((number >>> 16) & 1)}.${byte(number, 8)}.${byte(number, 0)}`;
/** 100::/64 (RFC 6666, discard): no machine has such an address. */
const ipv6Alias = (number: number): string =>
  number <= 0xffff ? `100::${hex(number)}` : `100::${hex(number >>> 16)}:${hex(number & 0xffff)}`;
/** Locally administered. */
const macAlias = (number: number): string =>
  `02:00:00:${pair(byte(number, 16))}:${pair(byte(number, 8))}:${pair(byte(number, 0))}`;

/** What stands for addresses, names and users of one run: the same value has the same alias everywhere. */
export class Aliases {
  readonly #values = new Map<string, string>();
  readonly #ipv4 = new Numbering(this.#values, ipv4Alias);
  readonly #ipv6 = new Numbering(this.#values, ipv6Alias);
  readonly #macs = new Numbering(this.#values, macAlias);
  readonly #hosts = new Numbering(this.#values, (number) => `host-${number}`);
  readonly #users = new Numbering(this.#values, (number) => `user-${number}`);
  readonly #units = new Numbering(this.#values, (number) => `unit-${number}`);
  readonly #adapters = new Numbering(this.#values, (number) => `adapter-${number}`);

  /** An address, with its zone left out; what every machine has (loopback, multicast, unspecified) stays. */
  address(text: string): string {
    const plain = text.replace(/%.*$/, "");
    if (!plain.includes(":"))
      return /^(?:127\.|0\.0\.0\.0$|22[4-9]\.|23\d\.|255\.255\.255\.255$)/.test(plain) || plain === ""
        ? plain
        : this.#ipv4.of(plain);
    const canonical = plain.toLowerCase();
    // A solicited-node address (RFC 4291 2.7.1) holds the end of the address that is looked for.
    const common = /^(?:::1?|ff[0-9a-f]{2}:.*)$/.test(canonical) && !canonical.startsWith("ff02::1:ff");
    return common ? canonical : this.#ipv6.of(canonical);
  }

  /** A hardware address in any writing; broadcast stays. */
  mac(text: string): string {
    const canonical = text.toLowerCase().replaceAll("-", ":");
    return canonical === "ff:ff:ff:ff:ff:ff" || canonical === "00:00:00:00:00:00"
      ? canonical
      : this.#macs.of(canonical);
  }

  host(text: string): string {
    const canonical = text.toLowerCase().replace(/\.$/, "");
    return canonical === "" || canonical === "localhost" ? canonical : this.#hosts.of(canonical);
  }

  /** A user's name; root is on every machine. */
  user(name: string): string {
    return name === "" || name === "root" ? name : this.#users.of(name);
  }

  /** The user of this id, who is known by a name too. */
  userOf(id: number, name: string | undefined): string {
    const alias = this.user(String(id));
    if (name !== undefined && name !== "root" && !this.#users.has(name)) this.#users.also(name, alias);
    return alias;
  }

  isUser(name: string): boolean {
    return this.#users.has(name);
  }

  /** The name of a systemd unit that says whose it is. */
  unit(name: string): string {
    return this.#units.of(name);
  }

  /** Names of interfaces that are made of their hardware address (systemd: enx…, wlx…). */
  interface(name: string): string {
    return /^(?:en|wl|ww)x[0-9a-f]{12}$/i.test(name) ? this.#adapters.of(name) : name;
  }

  /** `text` with every alias in it replaced by what it stands for: a filter that was typed from the screen. */
  resolve(text: string): string {
    return text.replace(/[\w:.-]*[\w]/g, (word) => this.#values.get(word) ?? this.#resolveLeading(word));
  }

  /** "src:host-3", "198.18.0.3:443": an alias after or before a colon. */
  #resolveLeading(word: string): string {
    const at = word.indexOf(":");
    if (at < 0) return word;
    const [first, rest] = [word.slice(0, at), word.slice(at + 1)];
    const behind = this.#values.get(rest) ?? (rest.includes(":") ? this.#resolveLeading(rest) : rest);
    return `${this.#values.get(first) ?? first}:${behind}`;
  }
}
