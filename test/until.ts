/**
 * Waits until `condition` holds, looking every `every` milliseconds. Returns whether it came true before the deadline
 * (milliseconds from now).
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadline = 60_000,
  every = 50,
): Promise<boolean> {
  const end = performance.now() + deadline;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
