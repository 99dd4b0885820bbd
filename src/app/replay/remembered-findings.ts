import {
  createInspectorFactory,
  type CreateInspectorFactory,
  type FlowInspector,
  type InspectorEnvironment,
} from "../../dissect/index.ts";

type Transport = "tcp" | "udp";
/** A name or a flow that payload told of. As data: a function would hold on to the engine that it was told to. */
type Told =
  | { readonly name: Parameters<NonNullable<InspectorEnvironment["onName"]>>[0] }
  | { readonly expected: Parameters<NonNullable<InspectorEnvironment["onExpect"]>>[0] };

/** What changed when payload was shown for the `call`th time. */
interface Step extends Pick<FlowInspector, "identification" | "heldBytes" | "finished"> {
  readonly call: number;
  /** Names and flows that it told of, in order. */
  readonly told: readonly Told[];
}

/** What came of one flow's payload. */
interface Findings {
  readonly transport: Transport;
  readonly clientPort: number;
  readonly serverPort: number;
  /** Before anything was shown. */
  readonly first: FlowInspector["identification"];
  readonly steps: Step[];
  /** All of its payload was shown: no more is to be found. */
  complete: boolean;
}

/** Bounds of what is remembered: flows, steps of one, and steps of all. */
export interface RememberedLimits {
  readonly flows: number;
  readonly stepsOfFlow: number;
  readonly steps: number;
}

const standardLimits: RememberedLimits = { flows: 65_536, stepsOfFlow: 64, steps: 262_144 };

/**
 * Remembers what the payload of a capture's flows told, so that going through the same frames again asks nobody. Flows are
 * told apart by the order in which they are first looked at, which is the same each time, as is the result: a flow's
 * payload tells the same whatever else there is. A flow that was not seen to its end is looked at anew.
 */
export class RememberedFindings {
  readonly #limits: RememberedLimits;
  readonly #findings: (Findings | undefined)[] = [];
  #steps = 0;
  /** Flows whose payload was looked at, and those of which it was remembered, for tests. */
  inspected = 0;
  recalled = 0;

  constructor(limits = standardLimits) {
    this.#limits = limits;
  }

  /** For one way through the frames, from the first one on. */
  readonly createInspectors: CreateInspectorFactory = (environment) => {
    let flows = 0;
    const listener = new Listener(environment);
    const [create, createPlain] = [createInspectorFactory(listener), createInspectorFactory(environment)];
    return (transport, clientPort, serverPort) => {
      const place = flows++;
      const known = this.#findings[place];
      const isSame =
        known?.transport === transport && known.clientPort === clientPort && known.serverPort === serverPort;
      if (isSame && known.complete) {
        this.recalled++;
        return new RecallingInspector(known, environment);
      }
      this.inspected++;
      if (place >= this.#limits.flows || this.#steps >= this.#limits.steps) {
        return createPlain(transport, clientPort, serverPort);
      }
      const inspector = create(transport, clientPort, serverPort);
      const first = inspector.identification;
      const findings: Findings = { transport, clientPort, serverPort, first, steps: [], complete: false };
      this.#steps -= known?.steps.length ?? 0;
      this.#findings[place] = findings;
      return new RememberingInspector(inspector, findings, listener, (step) => this.#add(findings, step));
    };
  };

  /** Keeps a step of the flow; false: there is no room, and what was remembered of the flow before is of no use. */
  #add({ steps }: Findings, step: Step): boolean {
    if (steps.length < this.#limits.stepsOfFlow && this.#steps < this.#limits.steps) {
      steps.push(step);
      this.#steps++;
      return true;
    }
    this.#steps -= steps.length;
    steps.length = 0;
    return false;
  }
}

/** Hears what inspectors tell, and hands it on. */
class Listener implements InspectorEnvironment {
  readonly crypto: InspectorEnvironment["crypto"];
  readonly #environment: InspectorEnvironment;
  /** Of the payload that is being shown. */
  #told: Told[] = [];

  constructor(environment: InspectorEnvironment) {
    this.#environment = environment;
    this.crypto = environment.crypto;
  }

  readonly onName: NonNullable<InspectorEnvironment["onName"]> = (name) => {
    this.#told.push({ name });
    this.#environment.onName?.(name);
  };

  readonly onExpect: NonNullable<InspectorEnvironment["onExpect"]> = (expected) => {
    this.#told.push({ expected });
    this.#environment.onExpect?.(expected);
  };

  /** What was told since the last call. */
  take(): readonly Told[] {
    if (this.#told.length === 0) return nothing;
    const told = this.#told;
    this.#told = [];
    return told;
  }
}

const nothing: readonly Told[] = [];

/** Shows payload to an inspector, and takes note of what that changes. */
class RememberingInspector implements FlowInspector {
  readonly #inspector: FlowInspector;
  readonly #findings: Findings;
  readonly #listener: Listener;
  readonly #add: (step: Step) => boolean;
  #calls = 0;
  #isOver = false;
  identification: FlowInspector["identification"];
  heldBytes: number;
  finished: boolean;

  constructor(inspector: FlowInspector, findings: Findings, listener: Listener, add: (step: Step) => boolean) {
    this.#inspector = inspector;
    this.#findings = findings;
    this.#listener = listener;
    this.#add = add;
    ({ identification: this.identification, heldBytes: this.heldBytes, finished: this.finished } = inspector);
  }

  segment(toServer: boolean, sequence: number, syn: boolean, bytes: Uint8Array, wireLength: number): void {
    this.#inspector.segment(toServer, sequence, syn, bytes, wireLength);
    this.#note();
  }

  datagram(toServer: boolean, bytes: Uint8Array, wireLength: number): void {
    this.#inspector.datagram(toServer, bytes, wireLength);
    this.#note();
  }

  #note(): void {
    this.#calls++;
    const { identification, heldBytes, finished } = this.#inspector;
    const told = this.#listener.take();
    const isSame = identification === this.identification && heldBytes === this.heldBytes && finished === this.finished;
    if (isSame && told.length === 0) return;
    this.identification = identification;
    this.heldBytes = heldBytes;
    this.finished = finished;
    if (this.#isOver) return;
    this.#isOver = !this.#add({ call: this.#calls, identification, heldBytes, finished, told });
    if (finished) this.#complete();
  }

  release(): void {
    this.#inspector.release();
    this.#complete();
  }

  #complete(): void {
    this.#findings.complete = !this.#isOver;
  }
}

/** Tells what is remembered when as much payload has been shown as before. */
class RecallingInspector implements FlowInspector {
  readonly #steps: readonly Step[];
  readonly #environment: InspectorEnvironment;
  #calls = 0;
  #next = 0;
  identification: FlowInspector["identification"];
  heldBytes = 0;
  finished = false;

  constructor({ first, steps }: Findings, environment: InspectorEnvironment) {
    this.#steps = steps;
    this.#environment = environment;
    this.identification = first;
  }

  segment(): void {
    this.#call();
  }

  datagram(): void {
    this.#call();
  }

  #call(): void {
    this.#calls++;
    const step = this.#steps[this.#next];
    if (step?.call !== this.#calls) return;
    this.#next++;
    this.identification = step.identification;
    this.heldBytes = step.heldBytes;
    this.finished = step.finished;
    for (const told of step.told) {
      if ("name" in told) this.#environment.onName?.(told.name);
      else this.#environment.onExpect?.(told.expected);
    }
  }

  release(): void {}
}
