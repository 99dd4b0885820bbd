/**
 * Frames of one block as columns, so that a loop over them makes no object. Frame `i` (below `count`) is
 * `bytes[offsets[i], offsets[i] + capturedLengths[i])`. Everything is used again for the next block: copy what you keep.
 */
export interface FrameColumns {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly capturedLengths: Uint32Array;
  readonly wireLengths: Uint32Array;
  /** LINKTYPE_ numbers of the pcap registry. */
  readonly linkTypes: Uint16Array;
  readonly interfaceIndexes: Uint32Array;
  /** 0 not known, 1 in, 2 out, 3 neither from nor for this machine. */
  readonly directions: Uint8Array;
  /** Whole seconds since the epoch, and nanoseconds below one second. */
  readonly seconds: Float64Array;
  readonly nanoseconds: Uint32Array;
}

/** Columns of a block whose VLAN tags the driver took off, and whose `bytes` may be overwritten. */
export interface RecordedColumns extends FrameColumns {
  /** 0: no tag, else TPID in the upper and TCI in the lower 16 bits. */
  readonly vlans: Uint32Array;
}
