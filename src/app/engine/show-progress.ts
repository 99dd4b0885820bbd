/** Replaces what stands on the last line of the terminal. */
export function showProgress(text: string): void {
  process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
}
