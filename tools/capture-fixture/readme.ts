import { readFileSync } from "node:fs";
import { basename } from "node:path";

interface Made {
  readonly versions?: readonly string[];
  readonly prepare?: readonly string[];
  readonly servers: readonly string[];
  readonly clients: readonly string[];
}

interface Golden {
  readonly made: Made;
  readonly found: readonly {
    readonly identification: { readonly name: string; readonly originally?: string } | null;
  }[];
}

const opening = `# Captures of real programs

Made by \`tools/capture-fixture.ts NAME\` in two network namespaces joined by a veth pair (client 192.0.2.1, server
192.0.2.2); this page is written by \`tools/capture-fixture.ts --readme\` from the golden files, which also hold the
configuration files. DIRECTORY is where they were. The passwords in them were made up for the capture.
`;

function section(path: string): string {
  const { made, found } = JSON.parse(readFileSync(path, "utf8")) as Golden;
  const name = basename(path, ".json");
  const names = found.map(({ identification }) => {
    if (identification === null) return "unknown";
    const { name: now, originally } = identification;
    return originally === undefined ? now : `${originally} → ${now}`;
  });
  const commands = (title: string, list: readonly string[]): string =>
    list.length === 0 ? "" : `\n${title}:\n\n${list.map((command) => `    ${command}\n`).join("")}`;
  return (
    `\n## ${name}.pcap\n\nPrograms: ${(made.versions ?? []).join(", ")}. Found: ${[...new Set(names)].join(", ")}.\n` +
    commands("Prepared", made.prepare ?? []) +
    commands("Servers", made.servers) +
    commands("Clients", made.clients)
  );
}

/** The page that lists for each fixture its programs, their versions and the commands; `goldenFiles` in order. */
export function readmeOf(goldenFiles: readonly string[]): string {
  return opening + goldenFiles.map(section).join("");
}
