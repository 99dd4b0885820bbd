/** The programs that are compared: Socklens, its peers, and the controls. */
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../test/kernel/harness/run.ts";
import { executable } from "../../test/kernel/harness/monitor.ts";
import { findProgram } from "../../test/kernel/harness/requirements.ts";

/** One program that may run beside a load. */
export interface Candidate {
  readonly name: string;
  /** Command for a run without a screen, given the interface to watch. */
  readonly headless?: (link: string) => readonly string[];
  /** Command for a run in a terminal. */
  readonly screen?: (link: string) => readonly string[];
  /** Reads from what it printed at its end how many packets it lost. */
  readonly lost?: (output: string) => string;
}

/** Where the Rust peers are kept between runs. */
export const peerDirectory: string =
  process.env["SOCKLENS_PEERS"] ?? join(tmpdir().replace(/^\/tmp$/, "/var/tmp"), "socklens-peers");

/** Builds the peers that no distribution has; takes about ten minutes once. */
export function buildPeers(): void {
  mkdirSync(peerDirectory, { recursive: true });
  for (const [crate, program] of [
    ["bandwhich", "bandwhich"],
    ["rustnet-monitor", "rustnet"],
  ] as const) {
    if (existsSync(join(peerDirectory, "bin", program))) continue;
    console.error(`building ${crate} into ${peerDirectory} ...`);
    run(["sh", "-c", `exec cargo install --locked --root "$1" "$2" >&2`, "sh", peerDirectory, crate], undefined, 3.6e6);
  }
}

function find(name: string): string | undefined {
  const built = join(peerDirectory, "bin", name);
  try {
    accessSync(built, constants.X_OK);
    return built;
  } catch {
    return findProgram(name);
  }
}

/** A bare Node process that wakes so often a second and does nothing: what the host charges for being there. */
export function sleeper(wakeUps: number): Candidate {
  const command = [process.execPath, "-e", `setInterval(() => {}, ${1000 / wakeUps})`];
  return { name: `sleeper (${wakeUps}/s)`, headless: () => command, screen: () => command };
}

export const socklens: Candidate = {
  name: "socklens",
  headless: () => [executable, "--json", "--interval", "1"],
  screen: () => [executable],
};

/** The peers that this machine has. Those that are missing are named in a line on standard error. */
export function peers(): Candidate[] {
  const known: (Candidate & { readonly program: string })[] = [
    {
      name: "tcpdump",
      program: "tcpdump",
      headless: (link) => ["tcpdump", "-i", link, "-n", "-s", "96", "-w", "/dev/null"],
      lost: (output) => `${/(\d+) packets? dropped by kernel/.exec(output)?.[1] ?? "?"} packets`,
    },
    {
      name: "nethogs",
      program: "nethogs",
      headless: (link) => ["nethogs", "-t", "-d", "1", link],
      screen: (link) => ["nethogs", "-d", "1", link],
    },
    {
      name: "iftop",
      program: "iftop",
      headless: (link) => ["iftop", "-t", "-n", "-N", "-i", link],
      screen: (link) => ["iftop", "-n", "-N", "-i", link],
    },
    {
      name: "bandwhich",
      program: "bandwhich",
      headless: (link) => ["bandwhich", "--raw", "--no-resolve", "-i", link],
      screen: (link) => ["bandwhich", "--no-resolve", "-i", link],
    },
    {
      name: "rustnet",
      program: "rustnet",
      headless: (link) => ["rustnet", "--headless", "--output", "jsonl", "-i", link, "--no-resolve-dns", "--no-geoip"],
      screen: (link) => ["rustnet", "-i", link, "--no-resolve-dns", "--no-geoip"],
    },
  ];
  const there: Candidate[] = [];
  for (const { program, ...candidate } of known) {
    const path = find(program);
    if (path === undefined) {
      console.error(`peer not here: ${program}`);
      continue;
    }
    const at =
      (command: ((link: string) => readonly string[]) | undefined) =>
      (link: string): readonly string[] => [path, ...(command?.(link) ?? []).slice(1)];
    there.push({
      name: candidate.name,
      ...(candidate.headless === undefined ? {} : { headless: at(candidate.headless) }),
      ...(candidate.screen === undefined ? {} : { screen: at(candidate.screen) }),
      ...(candidate.lost === undefined ? {} : { lost: candidate.lost }),
    });
  }
  return there;
}
