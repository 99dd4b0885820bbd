const syn = 2;
const acknowledge = 16;

/** Who opened a connection, by the flags of one of its packets. */
export function openerOf(flags: number): "source" | "destination" | "unknown" {
  if ((flags & syn) === 0) return "unknown";
  return (flags & acknowledge) === 0 ? "source" : "destination";
}

/** A guess for the order of the two sides, never for the direction: a well-known port, or one below the ephemeral ones, serves. */
export function isServerPort(sourcePort: number, destinationPort: number): boolean {
  if (sourcePort === 0 || sourcePort >= destinationPort) return false;
  return sourcePort < 1024 || (sourcePort < 10_000 && destinationPort >= 10_000);
}
