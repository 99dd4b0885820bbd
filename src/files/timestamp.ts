/** pcapng times: 64-bit counts of a unit that each interface chooses (if_tsresol, draft-ietf-opsawg-pcapng section 4.2). */

/** Ticks in a second for an if_tsresol byte: a power of ten, or of two when the top bit is set. */
export interface Resolution {
  readonly ticksPerSecond: number;
  /** Set where a number cannot hold the arithmetic. */
  readonly big?: bigint;
}

export const microseconds: Resolution = { ticksPerSecond: 1e6 };

export function resolution(value: number): Resolution {
  const exponent = value & 0x7f;
  const big = (value & 0x80) !== 0 ? 2n ** BigInt(exponent) : 10n ** BigInt(exponent);
  return big <= 2n ** 37n ? { ticksPerSecond: Number(big) } : { ticksPerSecond: Number(big), big };
}

/** Whole seconds and nanoseconds of a time; filled by `splitTicks`, so that nothing is allocated. */
export interface SplitTime {
  seconds: number;
  nanoseconds: number;
}

/** Exact for every resolution: the nanoseconds are cut, not rounded. */
export function splitTicks(high: number, low: number, unit: Resolution, into: SplitTime): void {
  if (unit.big !== undefined) {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    into.seconds = Number(ticks / unit.big);
    into.nanoseconds = Number(((ticks % unit.big) * 1_000_000_000n) / unit.big);
    return;
  }
  const divisor = unit.ticksPerSecond;
  let remainder: number;
  if (high < 0x20_0000) {
    const ticks = high * 0x1_0000_0000 + low;
    into.seconds = Math.floor(ticks / divisor);
    remainder = ticks - into.seconds * divisor;
  } else {
    // Long division by 16 bits at a time: a remainder below 2^37 keeps every step below 2^53.
    const first = Math.floor(high / divisor);
    const upper = (high - first * divisor) * 0x1_0000 + (low >>> 16);
    const second = Math.floor(upper / divisor);
    const lower = (upper - second * divisor) * 0x1_0000 + (low & 0xffff);
    const third = Math.floor(lower / divisor);
    into.seconds = (first * 0x1_0000 + second) * 0x1_0000 + third;
    remainder = lower - third * divisor;
  }
  if (divisor === 1e9) into.nanoseconds = remainder;
  else if (divisor < 8e6) into.nanoseconds = Math.floor((remainder * 1e9) / divisor);
  // Above, the product leaves the exact numbers: three digits at a time.
  else into.nanoseconds = scaleRemainder(remainder, divisor);
}

function scaleRemainder(remainder: number, divisor: number): number {
  let rest = remainder;
  let nanoseconds = 0;
  for (let step = 0; step < 3; step++) {
    const value = rest * 1000;
    const digits = Math.floor(value / divisor);
    nanoseconds = nanoseconds * 1000 + digits;
    rest = value - digits * divisor;
  }
  return nanoseconds;
}
