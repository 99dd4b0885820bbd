/**
 * What a pcapng file holds beside frames, for whoever asks. Called in the order of the file, while frames are parsed: a
 * block that stands after a frame may be told before the batch with that frame is handed over, so each carries the
 * number of frames before it. Bytes are only valid during the call. A callback must not throw.
 */
export interface CaptureObserver {
  /** A section begins: whoever wrote it, as far as it says so. */
  section?(section: SectionFacts): void;
  /** A name of an address (name resolution block); one call a name. */
  name?(address: string, name: string): void;
  /** A custom block (draft-ietf-opsawg-pcapng section 4.7) of any private enterprise number. */
  customBlock?(block: CustomBlock): void;
  /**
   * A decryption secrets block: `type` says of which kind ("TLSK", "WGKL", ... as a number). For those who copy a file; it is
   * key material and must never be shown.
   */
  secrets?(type: number, bytes: Uint8Array): void;
  /** Every block that holds no frame and makes sense, as it stands in the file: for those who copy it. */
  block?(block: RawBlock): void;
  /** Any other block that the reader has no use for, with its header and trailer, in the byte order of its section. */
  otherBlock?(type: number, bytes: Uint8Array, littleEndian: boolean): void;
}

export interface SectionFacts {
  readonly littleEndian: boolean;
  readonly hardware?: string;
  readonly operatingSystem?: string;
  readonly application?: string;
  readonly comment?: string;
}

/** A block of any type, section headers and interface descriptions among them. */
export interface RawBlock {
  readonly type: number;
  /** With its header and trailer. */
  readonly bytes: Uint8Array;
  /** Byte order of the section. */
  readonly littleEndian: boolean;
  /** Frames that stand before the block in the file. */
  readonly framesBefore: number;
}

/** A custom block: the enterprise owns the meaning of `data`, which may end with options. */
export interface CustomBlock {
  /** IANA private enterprise number. */
  readonly enterprise: number;
  /** May be copied into a file whose frames were changed (block type 0x0bad; else 0x40000bad). */
  readonly copyable: boolean;
  /** What follows the number, padding included. */
  readonly data: Uint8Array;
  /** Byte order of the section. */
  readonly littleEndian: boolean;
  /** Frames that stand before the block in the file. */
  readonly framesBefore: number;
}

/** Counters of an interface (interface statistics block); what the file does not tell is absent. */
export interface InterfaceStatistics {
  readonly received?: number;
  /** Dropped by the interface. */
  readonly dropped?: number;
  readonly accepted?: number;
  /** Dropped by the operating system. */
  readonly systemDropped?: number;
  readonly delivered?: number;
}
