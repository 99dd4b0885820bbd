/** A pair of namespaces with counters on both sides, the programs a test starts there, and one Socklens beside them. */
import { asClient, asServer, expectMoved, onPort } from "./compare.ts";
import { Counters, type Count } from "./counters.ts";
import { Monitor, type MonitorOptions } from "./monitor.ts";
import { createPair, type Namespace, type Pair } from "./network.ts";
import { program } from "./programs.ts";
import { until } from "../../until.ts";
import { Task, type TaskOptions } from "./task.ts";

/** What arrived on the side of a service and on the side of its clients. */
export interface Exchanged {
  readonly toServer: Count;
  readonly toClient: Count;
}

export const protocolNumber: Readonly<Record<"TCP" | "UDP" | "SCTP", number>> = { TCP: 6, UDP: 17, SCTP: 132 };

export class Bed {
  readonly pair: Pair;
  readonly atLeft: Counters;
  readonly atRight: Counters;
  readonly monitor: Monitor;
  readonly #tasks: Task[] = [];

  private constructor(pair: Pair, monitor: Monitor) {
    this.pair = pair;
    this.monitor = monitor;
    this.atLeft = new Counters(pair.left);
    this.atRight = new Counters(pair.right);
  }

  static async create(options: MonitorOptions = {}): Promise<Bed> {
    const pair = createPair();
    try {
      return new Bed(pair, await Monitor.start({ within: [pair.left, pair.right], ...options }));
    } catch (error) {
      pair.network.remove();
      throw error;
    }
  }

  get left(): Namespace {
    return this.pair.left;
  }

  get right(): Namespace {
    return this.pair.right;
  }

  /** Starts a program in a namespace; `close` ends it if nothing did before. */
  start(where: Namespace, command: readonly string[], options?: TaskOptions): Task {
    const task = new Task(where.command(command), options);
    this.#tasks.push(task);
    return task;
  }

  /** Starts a program and waits until it says "ready". */
  async ready(where: Namespace, command: readonly string[], options?: TaskOptions): Promise<Task> {
    const task = this.start(where, command, options);
    await task.line(/^ready$/m);
    return task;
  }

  /** What has been counted of a service on the right. */
  exchanged(proto: keyof typeof protocolNumber, port: number): Exchanged {
    const protocol = protocolNumber[proto];
    return {
      toServer: this.atRight.read({ protocol, destinationPort: port }),
      toClient: this.atLeft.read({ protocol, sourcePort: port }),
    };
  }

  /** The count once so many bytes at the least have arrived at the service, and nothing is added for a moment. */
  async exchangedWhenQuiet(proto: keyof typeof protocolNumber, port: number, atLeast = 0): Promise<Exchanged> {
    let before = this.exchanged(proto, port);
    let quiet = 0;
    // On a busy machine nothing may move for a while though there is more to come.
    await until(
      () => {
        const now = this.exchanged(proto, port);
        const isSame = now.toServer.bytes === before.toServer.bytes && now.toClient.bytes === before.toClient.bytes;
        quiet = isSame && now.toServer.bytes >= atLeast ? quiet + 1 : 0;
        before = now;
        return quiet >= 3;
      },
      60_000,
      100,
    );
    return before;
  }

  /**
   * The plain scenario: a server program on the right, a client program on the left that runs to its end, and both
   * must have moved what arrived.
   */
  async expectExchange(scenario: {
    readonly what: string;
    readonly proto: "TCP" | "UDP";
    readonly port: number;
    readonly server: readonly string[];
    readonly client: readonly string[];
  }): Promise<Exchanged> {
    const { what, proto, port } = scenario;
    const [serverName = "", ...serverArguments] = scenario.server;
    const [clientName = "", ...clientArguments] = scenario.client;
    const server = await this.ready(this.right, [program(serverName), ...serverArguments]);
    const client = this.start(this.left, [program(clientName), ...clientArguments]);
    await client.finished(90_000);
    const counted = await this.exchangedWhenQuiet(proto, port);
    const { toServer, toClient } = counted;
    if (toServer.bytes === 0) throw new Error(`${what}: nothing arrived: the scenario itself is broken`);
    const common = { flows: onPort(proto, port) };
    await expectMoved(
      this.monitor,
      {
        ...common,
        what: `${what}, client`,
        pid: client.pid,
        executable: program(clientName),
        isSource: asClient(port),
        sent: toServer.bytes,
        received: toClient.bytes,
      },
      {
        ...common,
        what: `${what}, server`,
        pid: server.pid,
        executable: program(serverName),
        isSource: asServer(port),
        sent: toClient.bytes,
        received: toServer.bytes,
      },
    );
    await server.stop();
    return counted;
  }

  /** Asserts that a client program moved all that was counted of a service. */
  async expectClient(scenario: {
    readonly what: string;
    readonly proto: "TCP" | "UDP";
    readonly port: number;
    readonly client: Task;
    readonly name: string;
    readonly counted: Exchanged;
  }): Promise<void> {
    const { port, counted } = scenario;
    await expectMoved(this.monitor, {
      what: `${scenario.what}, client`,
      pid: scenario.client.pid,
      executable: program(scenario.name),
      flows: onPort(scenario.proto, port),
      isSource: asClient(port),
      sent: counted.toServer.bytes,
      received: counted.toClient.bytes,
    });
  }

  /** Ends every program and takes the namespaces away; throws when Socklens itself ended badly. */
  async close(): Promise<void> {
    for (const task of this.#tasks) await task.stop();
    try {
      await this.monitor.stop();
    } finally {
      this.pair.network.remove();
    }
  }
}
