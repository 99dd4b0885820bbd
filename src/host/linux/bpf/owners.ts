/**
 * Who owns a socket, when the kernel's stamp is not the last word: processes that acted on it since (bpf/actors.bpf.c)
 * and sockets that were there before (bpf/inventory.bpf.c). Both are known by the socket's cookie.
 */
import { cgroupId, epochMillis, pid, type CgroupId, type EpochMillis, type Pid } from "../../../model/index.ts";
import { actionLayout } from "./built/layout.ts";
import type { PresentSocket } from "./inventory.ts";
import { fixedText, longAt, type ClockOffsets } from "./process-records.ts";

export interface SocketOwner {
  readonly pid: Pid;
  readonly name: string;
  readonly userId: number;
  readonly groupId: number;
  readonly cgroup: CgroupId;
  readonly stamped: EpochMillis;
}

/** Actors kept; beyond it the ones told longest ago are forgotten, and the kernel's stamp stands. */
const actorLimit = 1 << 17;

export class SocketOwners {
  readonly #actors = new Map<number, SocketOwner>();
  readonly #present: ReadonlyMap<number, PresentSocket>;
  readonly #listeners = new Map<number, PresentSocket>();

  constructor(present: ReadonlyMap<number, PresentSocket>) {
    this.#present = present;
    const listen = 10;
    for (const socket of present.values()) {
      if (socket.protocolNumber === 6 && socket.state === listen) this.#listeners.set(socket.localPort, socket);
    }
  }

  /** Takes one record of the ring `actions`. */
  acted(bytes: Uint8Array, view: DataView, at: number, length: number, clocks: ClockOffsets): void {
    if (length < actionLayout.size) return;
    const cookie = longAt(view, at + actionLayout.cookie);
    this.#actors.delete(cookie);
    this.#actors.set(cookie, {
      pid: pid(view.getUint32(at + actionLayout.tgid, true)),
      name: fixedText(bytes, at + actionLayout.comm, 16),
      userId: view.getUint32(at + actionLayout.uid, true),
      groupId: view.getUint32(at + actionLayout.gid, true),
      cgroup: cgroupId(longAt(view, at + actionLayout.cgroup)),
      stamped: epochMillis(longAt(view, at + actionLayout.time) / 1e6 + clocks.monotonic),
    });
    if (this.#actors.size > actorLimit) {
      for (const oldest of this.#actors.keys()) {
        this.#actors.delete(oldest);
        break;
      }
    }
  }

  /** The process that last sent or received on the socket, if it was told. */
  actor(cookie: number): SocketOwner | undefined {
    return this.#actors.get(cookie);
  }

  /** The socket is gone. */
  forget(cookie: number): void {
    this.#actors.delete(cookie);
  }

  /** The holder of a socket that was there before start. */
  present(cookie: number): PresentSocket | undefined {
    return this.#present.get(cookie);
  }

  /** The listener that was there before start and accepted a connection on this port. */
  presentListener(localPort: number): PresentSocket | undefined {
    return this.#listeners.get(localPort);
  }
}
