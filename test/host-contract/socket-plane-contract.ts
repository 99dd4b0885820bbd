/**
 * What every socket plane promises the engine (src/model/host.ts), as tests. Run over the fake and over the real one: the
 * fixture makes traffic in the way of the plane. Other flows of the machine may be there too and are passed over.
 */
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import type { PayloadSample, SocketFlow, SocketPlane, SocketPlaneSink } from "../../src/model/index.ts";

/** A connection that the fixture holds open. */
export interface ContractFlow {
  /** True for the plane's flow of this connection, and for no other while it is open. */
  matches(flow: SocketFlow): boolean;
  /** This machine sends these bytes as one write; resolves when they have left. */
  send(bytes: Uint8Array): Promise<void>;
  /** Closes the sending side's socket; resolves when the kernel has been told. */
  end(): Promise<void>;
}

export interface PlaneFixture {
  readonly plane: SocketPlane;
  /** Opens a connection that no other open one is like. */
  open(): Promise<ContractFlow>;
  close(): Promise<void>;
}

/** A copy of what a drain handed over: the plane uses its object again. */
type Seen = Pick<SocketFlow, "slot" | "generation" | "txBytes" | "rxBytes" | "txPackets" | "released">;

const deadline = 10_000;

class Recorder implements SocketPlaneSink {
  readonly flows: Seen[] = [];
  readonly samples: Pick<PayloadSample, "slot" | "generation" | "transmit">[] = [];
  readonly #wanted: ContractFlow;

  constructor(wanted: ContractFlow) {
    this.#wanted = wanted;
  }

  process(): void {
    // Which processes live on the machine is not part of the contract.
  }

  flow(flow: SocketFlow): void {
    if (!this.#wanted.matches(flow)) return;
    const { slot, generation, txBytes, rxBytes, txPackets, released } = flow;
    this.flows.push({ slot, generation, txBytes, rxBytes, txPackets, released });
  }

  sample(sample: PayloadSample): void {
    const known = this.flows.find((flow) => flow.slot === sample.slot && flow.generation === sample.generation);
    if (known === undefined) return;
    this.samples.push({ slot: sample.slot, generation: sample.generation, transmit: sample.transmit });
  }
}

/** One drain for two flows. */
class Both implements SocketPlaneSink {
  readonly flows: readonly Seen[] = [];
  readonly #recorders: readonly Recorder[];

  constructor(...recorders: readonly Recorder[]) {
    this.#recorders = recorders;
  }

  process(): void {
    // As in `Recorder`.
  }

  flow(flow: SocketFlow): void {
    for (const recorder of this.#recorders) recorder.flow(flow);
  }

  sample(sample: PayloadSample): void {
    for (const recorder of this.#recorders) recorder.sample(sample);
  }
}

/** Drains until `done` holds of what came for the flow; fails after a generous time. */
async function drainUntil(
  plane: SocketPlane,
  recorder: Recorder | Both,
  done: () => boolean,
  what: string,
): Promise<void> {
  const end = Date.now() + deadline;
  for (;;) {
    plane.drain(recorder);
    if (done()) return;
    assert.ok(Date.now() < end, `waited in vain: ${what}; seen ${JSON.stringify(recorder.flows.slice(-3))}`);
    await wait(10);
  }
}

/** Drains until the flow is quiet: a few drains in a row bring nothing of it. */
async function drainQuiet(plane: SocketPlane, recorder: Recorder): Promise<void> {
  const end = Date.now() + deadline;
  for (let quiet = 0; quiet < 5;) {
    const before = recorder.flows.length;
    plane.drain(recorder);
    quiet = recorder.flows.length === before ? quiet + 1 : 0;
    assert.ok(Date.now() < end, "the flow is handed over again and again though nothing is sent");
    await wait(10);
  }
}

const last = (recorder: Recorder): Seen | undefined => recorder.flows.at(-1);

export function socketPlaneContract(name: string, makePlane: () => Promise<PlaneFixture> | PlaneFixture): void {
  describe(`socket plane contract: ${name}`, () => {
    let fixture: PlaneFixture;
    before(async () => {
      fixture = await makePlane();
    });
    after(async () => {
      await fixture.close();
    });

    const watch = async (): Promise<{ flow: ContractFlow; recorder: Recorder; plane: SocketPlane }> => {
      const flow = await fixture.open();
      const recorder = new Recorder(flow);
      const { plane } = fixture;
      await flow.send(new Uint8Array(100).fill(1));
      await drainUntil(plane, recorder, () => (last(recorder)?.txBytes ?? 0) >= 100, "the flow with its first bytes");
      await drainQuiet(plane, recorder);
      return { flow, recorder, plane };
    };

    test("a drain hands over what changed since the last one, and nothing else", async () => {
      const { flow, recorder, plane } = await watch();
      const other = await watch();
      const count = recorder.flows.length;
      const seen = other.recorder.flows.length;
      await other.flow.send(new Uint8Array(50));
      const both = new Both(recorder, other.recorder);
      await drainUntil(plane, both, () => other.recorder.flows.length > seen, "the flow that sent");
      assert.equal(recorder.flows.length, count, "the flow that did not send");
      await flow.end();
      await other.flow.end();
    });

    test("counters are totals and only grow", async () => {
      const { flow, recorder, plane } = await watch();
      const first = last(recorder)!;
      await flow.send(new Uint8Array(1000));
      await drainUntil(plane, recorder, () => last(recorder)!.txBytes >= first.txBytes + 1000, "another 1000 bytes");
      for (const [index, seen] of recorder.flows.entries()) {
        if (index === 0) continue;
        assert.ok(seen.txBytes >= recorder.flows[index - 1]!.txBytes);
        assert.ok(seen.txPackets >= recorder.flows[index - 1]!.txPackets);
        assert.deepEqual([seen.slot, seen.generation], [first.slot, first.generation]);
      }
      await flow.end();
    });

    test("a released flow comes exactly once more, with its last counters", async () => {
      const { flow, recorder, plane } = await watch();
      await flow.send(new Uint8Array(300));
      await flow.end();
      await drainUntil(plane, recorder, () => last(recorder)!.released, "the release");
      await drainQuiet(plane, recorder);
      assert.equal(recorder.flows.filter((seen) => seen.released).length, 1);
      assert.ok(last(recorder)!.released, "the release is the last that comes");
      assert.ok(last(recorder)!.txBytes >= 400);
      plane.release(last(recorder)!.slot, last(recorder)!.generation);
    });

    test("a flow that opens and ends between two drains is not lost", async () => {
      const flow = await fixture.open();
      await flow.send(new Uint8Array(77));
      await flow.end();
      const recorder = new Recorder(flow);
      await drainUntil(fixture.plane, recorder, () => last(recorder)?.released === true, "the short flow");
      assert.ok(last(recorder)!.txBytes >= 77);
      fixture.plane.release(last(recorder)!.slot, last(recorder)!.generation);
    });

    test("places are not shared, and one that is used again has another generation", async () => {
      const used = new Set<string>();
      for (let round = 0; round < 5; round++) {
        const { flow, recorder, plane } = await watch();
        const { slot, generation } = last(recorder)!;
        assert.ok(!used.has(`${slot} ${generation}`), `slot ${slot} generation ${generation} was another flow`);
        used.add(`${slot} ${generation}`);
        await flow.end();
        await drainUntil(plane, recorder, () => last(recorder)!.released, "the release");
        plane.release(slot, generation);
      }
    });

    test("releasing frees a place; releasing what is not there changes nothing", async () => {
      const { flow, recorder, plane } = await watch();
      const { slot, generation } = last(recorder)!;
      assert.ok(plane.free() < plane.capacity);
      await flow.send(new Uint8Array(10));
      // A generation that is long gone: the flow in this place stays.
      plane.release(slot, (generation + 0x7fff_0000) >>> 0);
      await flow.send(new Uint8Array(500));
      const before = last(recorder)!.txBytes;
      await drainUntil(
        plane,
        recorder,
        () => last(recorder)!.txBytes >= before + 500,
        "the flow that was not released",
      );
      assert.deepEqual([last(recorder)!.slot, last(recorder)!.generation], [slot, generation]);
      await flow.end();
      await drainUntil(plane, recorder, () => last(recorder)!.released, "the release");
      const free = plane.free();
      plane.release(slot, generation);
      const end = Date.now() + deadline;
      while (plane.free() <= free) {
        assert.ok(Date.now() < end, `${plane.free()} places are free, as many as before the release`);
        plane.drain(recorder);
        await wait(10);
      }
    });

    test("sampling stops when it is told to, and resumes for as many packets as it is told", async () => {
      const { flow, recorder, plane } = await watch();
      const { slot, generation } = last(recorder)!;
      assert.ok(
        recorder.samples.some((sample) => sample.transmit),
        "the first bytes are sampled",
      );
      plane.stopSampling(slot, generation);
      await drainQuiet(plane, recorder);
      const stopped = recorder.samples.length;
      const send = async (times: number): Promise<void> => {
        for (let index = 0; index < times; index++) {
          const { txBytes } = last(recorder)!;
          await flow.send(new Uint8Array(20).fill(2));
          await drainUntil(plane, recorder, () => last(recorder)!.txBytes >= txBytes + 20, "20 bytes");
        }
        await drainQuiet(plane, recorder);
      };
      await send(3);
      assert.equal(recorder.samples.length, stopped);
      plane.resumeSampling(slot, generation, 2);
      await send(6);
      const resumed = recorder.samples.slice(stopped).filter((sample) => sample.transmit).length;
      assert.ok(resumed >= 1 && resumed <= 2, `${resumed} samples after resuming for 2`);
      await flow.end();
    });

    test("what is asked of a flow that is gone is passed over", () => {
      const { plane } = fixture;
      plane.stopSampling(plane.capacity - 1, 0x7fff_ffff);
      plane.resumeSampling(plane.capacity - 1, 0x7fff_ffff, 1);
      plane.release(plane.capacity - 1, 0x7fff_ffff);
      assert.ok(plane.free() <= plane.capacity);
    });

    test("losses are counts", () => {
      for (const [name, value] of Object.entries(fixture.plane.losses())) {
        assert.ok(Number.isSafeInteger(value) && value >= 0, `${name} is ${value}`);
      }
    });
  });
}
