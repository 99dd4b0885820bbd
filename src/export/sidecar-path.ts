/** Where the sidecar of a capture file stands. */
export const sidecarPath = (capture: string): string => `${capture}.jsonl`;

/** Where one may stand, the likeliest first: ours and RustNet's, of a packed file also those of before it was packed. */
export function sidecarPaths(capture: string): string[] {
  const unpacked = capture.replace(/\.(?:gz|zst)$/, "");
  return [...new Set([capture, unpacked])].flatMap((name) => [sidecarPath(name), `${name}.connections.jsonl`]);
}
