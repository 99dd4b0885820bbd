/**
 * Frames of one block as columns, so that a loop over them makes no object. Frame `i` (below `count`) is
 * `bytes[offsets[i], offsets[i] + capturedLengths[i])`, which may be overwritten. Everything is used again for the next block:
 * copy what you keep.
 */
export interface RecordedColumns {
  readonly count: number;
  readonly bytes: Uint8Array;
  /**
   * The memory of `bytes` as words. All columns that the run-time reads for each frame are signed: a number of 31 bits is
   * loaded and stored as it is, an unsigned one goes through floating point.
   */
  readonly words: Int32Array;
  readonly offsets: Int32Array;
  readonly capturedLengths: Int32Array;
  readonly wireLengths: Int32Array;
  /** LINKTYPE_ numbers of the pcap registry. */
  readonly linkTypes: Uint16Array;
  readonly interfaceIndexes: Int32Array;
  /** 0 not known, 1 in, 2 out, 3 neither from nor for this machine. */
  readonly directions: Uint8Array;
  /** Whole seconds since the epoch, and nanoseconds below one second. */
  readonly seconds: Float64Array;
  readonly nanoseconds: Int32Array;
  /** The tag that the driver took off. 0: none, else TPID in the upper and TCI in the lower 16 bits. */
  readonly vlans: Int32Array;
}
