/** Compares what Socklens says of a process with what was counted beside it. */
import assert from "node:assert/strict";
import { describeFlow, type FlowRecord, type Monitor } from "./monitor.ts";

/** Share by which Socklens may differ from the independent count. */
export const tolerance = 0.02;

/** How long figures may take to agree, in milliseconds. */
const deadline = 60_000;

/** What a process moved, from its own point of view. */
export interface Moved {
  readonly sent: number;
  readonly received: number;
}

export interface Expectation {
  /** What is compared, for the message. */
  readonly what: string;
  readonly pid: number;
  readonly executable?: string;
  /** Which flows: those with this port on the serving side, this protocol, or what else the test says. */
  readonly flows: (record: FlowRecord) => boolean;
  /** Whether the process is on the side the record calls source. */
  readonly isSource: (record: FlowRecord) => boolean;
  readonly sent: number;
  readonly received: number;
}

/** Sums what the flows that match have moved, over all records so far. */
export function moved(monitor: Monitor, expectation: Omit<Expectation, "sent" | "received">): Moved {
  let sent = 0;
  let received = 0;
  for (const credit of monitor.credits) {
    const { record } = credit;
    if (record.process?.pid !== expectation.pid || !expectation.flows(record)) continue;
    const forward = expectation.isSource(record);
    sent += forward ? credit.bytesToServer : credit.bytesToClient;
    received += forward ? credit.bytesToClient : credit.bytesToServer;
  }
  return { sent, received };
}

export function isWithin(actual: number, expected: number, share: number = tolerance): boolean {
  return Math.abs(actual - expected) <= Math.abs(expected) * share;
}

function difference(direction: string, actual: number, expected: number): string {
  const share = expected === 0 ? "" : ` (${(((actual - expected) / expected) * 100).toFixed(2)} %)`;
  return `${direction}: socklens ${actual}, counted ${expected}, difference ${actual - expected}${share}`;
}

/**
 * Waits until Socklens' figures agree with every count, then one interval more (they must not grow past it), and asserts
 * pid, executable and bytes.
 */
export async function expectMoved(monitor: Monitor, ...expectations: readonly Expectation[]): Promise<void> {
  const agrees = (expectation: Expectation): boolean => {
    const { sent, received } = moved(monitor, expectation);
    return isWithin(sent, expectation.sent) && isWithin(received, expectation.received);
  };
  if (await monitor.when(() => expectations.every(agrees), deadline)) await monitor.nextInterval();
  for (const expectation of expectations) {
    const { sent, received } = moved(monitor, expectation);
    assert.ok(
      agrees(expectation),
      [
        `${expectation.what} (pid ${expectation.pid}):`,
        difference("sent", sent, expectation.sent),
        difference("received", received, expectation.received),
        `flows of that kind: ${monitor.describe((record) => expectation.flows(record))}`,
      ].join("\n"),
    );
    expectExecutable(monitor, expectation);
  }
}

function expectExecutable(monitor: Monitor, { what, pid, flows, executable }: Expectation): void {
  if (executable === undefined) return;
  for (const record of monitor.flows.values()) {
    if (record.process?.pid !== pid || !flows(record)) continue;
    assert.equal(record.process.executable, executable, `${what}: ${describeFlow(record)}`);
  }
}

/** Flows of a protocol whose serving side has this port. A socket that only listens is none: it has no other side. */
export function onPort(proto: string, port: number): (record: FlowRecord) => boolean {
  return (record) =>
    record.proto === proto && record.dest_ip !== undefined && (record.dest_port === port || record.src_port === port);
}

/** For a client of a service on `port`: it is the source unless the record has the service there. */
export function asClient(port: number): (record: FlowRecord) => boolean {
  return (record) => record.dest_port === port;
}

/** For the service on `port` itself. */
export function asServer(port: number): (record: FlowRecord) => boolean {
  return (record) => record.src_port === port && record.dest_port !== port;
}
