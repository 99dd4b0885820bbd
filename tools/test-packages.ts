import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

/** One line of test-packages.txt: a package or its alternatives, and the service it would start. */
interface Requirement {
  readonly alternatives: readonly string[];
  readonly service: string | undefined;
}

/** Parses test-packages.txt. Throws on a line it does not understand: the file is ours. */
export function parseRequirements(text: string): Requirement[] {
  const requirements: Requirement[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/#.*/, "").trim();
    if (line === "") continue;
    const match = /^([a-z0-9][a-z0-9.+-]*(?: \| [a-z0-9][a-z0-9.+-]*)*)(?: service=([a-z0-9@.-]+))?$/.exec(line);
    if (match?.[1] === undefined) throw new Error(`test-packages.txt line ${index + 1}: not understood: ${raw}`);
    requirements.push({ alternatives: match[1].split(" | "), service: match[2] });
  }
  return requirements;
}

function output(command: string, parameters: readonly string[]): string {
  const result = spawnSync(command, parameters, { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  return result.stdout;
}

function installedPackages(names: readonly string[]): Set<string> {
  const listing = output("dpkg-query", ["--show", "--showformat", "${db:Status-Status} ${Package}\n", ...names]);
  const installed = new Set<string>();
  for (const line of listing.split("\n")) {
    const [status, name] = line.split(" ");
    if (status === "installed" && name !== undefined) installed.add(name);
  }
  return installed;
}

/** Packages of `names` that the distribution offers, by apt's lists as they are now. */
function offeredPackages(names: readonly string[]): Set<string> {
  const offered = new Set<string>();
  let name = "";
  for (const line of output("apt-cache", ["policy", ...names]).split("\n")) {
    if (/^\S+:$/.test(line)) name = line.slice(0, -1);
    else if (/^ {2}Candidate: (?!\(none\))/.test(line)) offered.add(name);
  }
  return offered;
}

function apt(...parameters: string[]): boolean {
  const result = spawnSync("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...parameters], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return result.status === 0;
}

/** Runs `action` while no package may start its service (Debian Policy section 9.11.1: policy-rc.d). */
function withoutServices<Result>(action: () => Result): Result {
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    return action();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

interface Plan {
  readonly missing: readonly Requirement[];
  readonly packages: readonly string[];
  readonly unavailable: readonly string[];
}

function plan(requirements: readonly Requirement[]): Plan {
  const names = requirements.flatMap((requirement) => requirement.alternatives);
  const installed = installedPackages(names);
  const missing = requirements.filter(({ alternatives }) => !alternatives.some((name) => installed.has(name)));
  if (missing.length === 0) return { missing, packages: [], unavailable: [] };
  const offered = offeredPackages(missing.flatMap((requirement) => requirement.alternatives));
  const packages: string[] = [];
  const unavailable: string[] = [];
  for (const { alternatives } of missing) {
    const choice = alternatives.find((name) => offered.has(name));
    if (choice === undefined) unavailable.push(alternatives.join(" | "));
    else packages.push(choice);
  }
  return { missing, packages, unavailable };
}

function isDebianLike(): boolean {
  if (!existsSync("/etc/os-release")) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync("/etc/os-release", "utf8"));
}

/**
 * Prints which distribution packages the tests drive and, unless `install` is false, installs what is missing (needs
 * root). Returns false when an installation was tried and failed. What is still missing shows as skipped tests.
 */
export function provideTestPackages(list: string, install: boolean): boolean {
  const requirements = parseRequirements(readFileSync(list, "utf8"));
  const names = requirements.map(({ alternatives }) => alternatives.join(" | "));
  console.log(`The tests drive these distribution packages: ${names.join(", ")}`);
  if (!isDebianLike()) {
    console.log("Neither Debian nor Ubuntu: nothing installed; what is missing fails the tests that need it.");
    return true;
  }
  let todo = plan(requirements);
  if (todo.missing.length === 0) {
    console.log("All are installed.");
    return true;
  }
  if (!install) {
    console.log(`Missing, left so by --no-install: ${todo.missing.map((one) => one.alternatives[0]).join(" ")}`);
    return true;
  }
  let updated = false;
  if (todo.unavailable.length > 0) {
    apt("update");
    updated = true;
    todo = plan(requirements);
  }
  if (todo.unavailable.length > 0) console.log(`Not offered by this distribution: ${todo.unavailable.join(", ")}`);
  console.log(`Installing: ${todo.packages.join(" ")}`);
  const installAll = () => withoutServices(() => apt("install", "--yes", "--no-install-recommends", ...todo.packages));
  let done = installAll();
  if (!done && !updated) {
    apt("update");
    done = installAll();
  }
  for (const { service } of todo.missing) {
    if (service !== undefined && existsSync("/run/systemd/system")) {
      spawnSync("systemctl", ["disable", service], { stdio: "ignore" });
    }
  }
  return done;
}
