import {
  epochMillis,
  port,
  type Frame,
  type Translation,
  type TranslationSource,
  type WireFlow,
  type WirePlane,
  type WirePlaneSink,
} from "../../model/index.ts";

/** What a script may say of a frame; Ethernet on interface 2, whole, when it says nothing. */
export type FrameFields = Partial<Frame> & Pick<Frame, "bytes" | "time">;

/** A wire plane that a script drives. Frames and flows come out once, in the order they were pushed. */
export class FakeWirePlane implements WirePlane {
  readonly lost = { framesDropped: 0 };
  closed = false;
  #queue: ({ frame: Frame } | { flow: WireFlow })[] = [];

  pushFrame(fields: FrameFields): void {
    const frame: Frame = {
      linkType: 1,
      interfaceIndex: 2,
      direction: "unknown",
      wireLength: fields.bytes.length,
      vlan: 0,
      ...fields,
      bytes: fields.bytes.slice(),
    };
    this.#queue.push({ frame });
  }

  /** Totals of a counted flow, as the filter would hand them over. */
  pushFlow(fields: Partial<WireFlow>): void {
    this.#queue.push({ flow: { ...defaultWireFlow, ...fields } });
  }

  drain(sink: WirePlaneSink): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const item of queue) {
      if ("frame" in item) {
        sink.frame(item.frame);
        item.frame.bytes.fill(0xee);
      } else {
        sink.flow(item.flow);
      }
    }
  }

  losses(): { framesDropped: number } {
    return { ...this.lost };
  }

  close(): void {
    this.closed = true;
  }
}

const defaultWireFlow: WireFlow = {
  protocolNumber: 17,
  sourceAddress: "192.0.2.10",
  sourcePort: port(40000),
  destinationAddress: "198.51.100.1",
  destinationPort: port(53),
  interfaceIndex: 2,
  packets: 1,
  bytes: 100,
  tcpFlags: 0,
  lastActivity: epochMillis(0),
  transmit: true,
};

/** Translations that a script pushes. */
export class FakeTranslations implements TranslationSource {
  closed = false;
  #queue: Translation[] = [];

  push(translation: Translation): void {
    this.#queue.push(translation);
  }

  drain(sink: (translation: Translation) => void): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const translation of queue) sink(translation);
  }

  close(): void {
    this.closed = true;
  }
}
