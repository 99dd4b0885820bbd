import { AF_NETLINK, MSG_DONTWAIT, NETLINK_SOCKET, NLMSG_DONE, NLMSG_ERROR, walkMessages } from "./netlink.ts";
import { closeDescriptor, receive, send, socket } from "./system-calls.ts";

/** Parts of an answer that are read at most: 64 MiB. */
const MOST_PARTS = 1024;

/** A socket of rtnetlink that dumps are asked of, one after the other. */
export class NetlinkDump {
  readonly #fd = socket(AF_NETLINK, NETLINK_SOCKET, 0);
  readonly #buffer = new Uint8Array(65_536);
  readonly view = new DataView(this.#buffer.buffer);

  /** Sends a dump request and walks the whole answer; `sink` gets the payloads of type `wanted`. False when it did not come to its end. */
  dump(request: Uint8Array, wanted: number, sink: (start: number, end: number) => void): boolean {
    if (this.#fd < 0 || send(this.#fd, request, 0) < 0) return false;
    for (let part = 0; part < MOST_PARTS; part++) {
      const length = receive(this.#fd, this.#buffer, MSG_DONTWAIT);
      if (length <= 0) return false;
      let done = false;
      walkMessages(this.view, length, (type, start, end) => {
        if (type === wanted) sink(start, end);
        done = type === NLMSG_DONE || type === NLMSG_ERROR;
        return !done;
      });
      if (done) return true;
    }
    return false;
  }

  close(): void {
    if (this.#fd >= 0) closeDescriptor(this.#fd);
  }
}
