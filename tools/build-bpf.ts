/**
 * Builds `bpf/*.bpf.c` into the light skeletons that are committed under `src/host/linux/bpf/built`.
 *
 *     npm run build:bpf       writes them
 *     npm run check:bpf       fails when a fresh build differs from what is committed
 *
 * A light skeleton is a small loader program with its data: the kernel runs it and it makes the maps and loads the
 * programs (DESIGN section 2). `bpftool gen skeleton -L` prints it as a C header; we keep its three parts.
 * Compiler and bpftool are pinned, because other versions give other, equally right, bytes.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const compilerVersion = "14.0.6";
const bpftoolVersion = "v7.1.0";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = join(root, "bpf");
const built = join(root, "src/host/linux/bpf/built");

/** A tool of the distribution; `sbin` is not in everybody's PATH. Output as text, undefined when it is not there. */
function version(command: string, argument: string): string | undefined {
  try {
    return execFileSync(command, [argument], { encoding: "utf8", env: toolEnvironment });
  } catch {
    return undefined;
  }
}

const toolEnvironment = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`, LC_ALL: "C" };

/** Bytes of a C string literal as bpftool writes it: \xNN, \0 and line continuations. */
function literalBytes(literal: string): Buffer {
  const bytes: number[] = [];
  for (let at = 0; at < literal.length; at++) {
    if (literal[at] !== "\\") {
      bytes.push(literal.charCodeAt(at));
      continue;
    }
    at++;
    if (literal[at] === "x") {
      bytes.push(Number.parseInt(literal.slice(at + 1, at + 3), 16));
      at += 2;
    } else if (literal[at] === "0") {
      bytes.push(0);
    } else if (literal[at] !== "\n") {
      throw new Error(`escape \\${literal[at]} in bpftool's output is not known`);
    }
  }
  return Buffer.from(bytes);
}

function part(header: string, name: "data" | "insns"): Buffer {
  const literal = new RegExp(`opts\\.${name} = \\(void \\*\\)"([^]*?)";`).exec(header)?.[1];
  const size = Number(new RegExp(`opts\\.${name}_sz = (\\d+);`).exec(header)?.[1]);
  if (literal === undefined || !Number.isInteger(size)) throw new Error(`bpftool's output has no ${name}`);
  const bytes = Buffer.alloc(size);
  literalBytes(literal).copy(bytes);
  return bytes;
}

function names(header: string, type: string): string[] {
  return [...header.matchAll(new RegExp(`struct ${type} (\\w+);`, "g"))].map((match) => match[1] ?? "");
}

/** Structs whose memory TypeScript reads, by the object that has them. */
const shared: Record<string, readonly string[]> = {
  core: ["flow", "control", "sample", "place"],
  processes: ["process", "exec_record"],
  inventory: ["process_record", "socket_record"],
  actors: ["action"],
  "packet-senders": ["sender_key", "sender"],
};

interface BtfType {
  id: number;
  kind: string;
  name: string;
  size?: number;
  members?: { name: string; bits_offset: number }[];
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const compilerFlags = ["-O2", "-g", "-target", "bpf", "-mcpu=v3", "-Wall", "-Werror"];

/**
 * Offsets of one object's shared structs, from the compiler's own type information. A second object is compiled for
 * it, with a variable of each struct: types that only pass through a ring are not in the first one's BTF.
 */
function layout(name: string, directory: string): string[] {
  const structs = shared[name] ?? [];
  const source = join(directory, `${name}-layout.c`);
  const object = join(directory, `${name}-layout.o`);
  const variables = structs.map((struct) => `struct ${struct} *layout_${struct};\n`);
  writeFileSync(source, `#include "${join(sources, `${name}.bpf.c`)}"\n${variables.join("")}`);
  execFileSync("clang-14", [...compilerFlags, "-c", source, "-o", object], { env: toolEnvironment });
  const types = JSON.parse(
    execFileSync("bpftool", ["-j", "btf", "dump", "file", object], { env: toolEnvironment, encoding: "utf8" }),
  ) as { types: BtfType[] };
  return structs.map((struct) => {
    const type = types.types.find((entry) => entry.kind === "STRUCT" && entry.name === struct);
    if (type === undefined) throw new Error(`${name}.bpf.c has no struct ${struct}`);
    const members = (type.members ?? []).filter((member) => !/^(reserved|unused)/.test(member.name));
    const fields = members.map((member) => `  ${camel(member.name)}: ${member.bits_offset / 8},\n`);
    return `export const ${camel(struct)}Layout = {\n  size: ${type.size},\n${fields.join("")}} as const;\n`;
  });
}

/** The committed form of one object: names in the order of the loader's context, and the loader itself. */
function build(name: string, directory: string): { skeleton: string; layouts: string[] } {
  const object = join(directory, `${name}.o`);
  execFileSync(
    "clang-14",
    [
      ...compilerFlags,
      ...["-fdebug-compilation-dir=.", `-ffile-prefix-map=${sources}=.`],
      ...["-c", `${name}.bpf.c`, "-o", object],
    ],
    { cwd: sources, env: toolEnvironment, stdio: ["ignore", "inherit", "inherit"] },
  );
  const header = execFileSync("bpftool", ["gen", "skeleton", "-L", object, "name", "skeleton"], {
    env: toolEnvironment,
    encoding: "latin1",
    maxBuffer: 64 << 20,
  });
  const skeleton = {
    maps: names(header, "bpf_map_desc"),
    programs: names(header, "bpf_prog_desc"),
    data: part(header, "data").toString("base64"),
    instructions: part(header, "insns").toString("base64"),
  };
  return { skeleton: `${JSON.stringify(skeleton)}\n`, layouts: layout(name, directory) };
}

function main(): number {
  const check = process.argv.includes("--check");
  const found = version("clang-14", "--version");
  const foundBpftool = version("bpftool", "version");
  if (!found?.includes(compilerVersion) || !foundBpftool?.includes(bpftoolVersion)) {
    console.error(`build-bpf: needs clang-14 ${compilerVersion} and bpftool ${bpftoolVersion} (Debian 12's packages)`);
    return 3;
  }
  const directory = mkdtempSync(join(tmpdir(), "socklens-bpf-"));
  const files = new Map<string, string>();
  try {
    const objects = readdirSync(sources).filter((entry) => entry.endsWith(".bpf.c"));
    const layouts: string[] = [];
    for (const name of objects.map((file) => file.slice(0, -".bpf.c".length)).toSorted()) {
      const result = build(name, directory);
      files.set(`${name}.json`, result.skeleton);
      layouts.push(...result.layouts);
    }
    const head =
      "/** Offsets in bytes of what BPF programs share with us. Written by tools/build-bpf.ts from their BTF. */\n";
    files.set("layout.ts", `${head}${layouts.join("")}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
  mkdirSync(built, { recursive: true });
  let differing = 0;
  for (const [file, text] of files) {
    const target = join(built, file);
    if (!check) writeFileSync(target, text);
    else if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
      console.error(`build-bpf: ${file} is not what bpf/ gives; run npm run build:bpf`);
      differing++;
    }
  }
  return differing > 0 ? 1 : 0;
}

process.exitCode = main();
