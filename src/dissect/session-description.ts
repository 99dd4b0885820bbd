/**
 * Media that a session description announces: where RTP and RTCP are to arrive. Nothing else of it is read.
 *
 * RFC 8866 sections 5.7 (c=), 5.14 (m=); RFC 3605 (rtcp attribute), RFC 5761 (both on one port).
 *
 *   c=IN IP4 address;  m=audio port RTP/AVP formats;  a=rtcp:port
 */
import { lineText, nextLine } from "./text-line.ts";
import type { DissectContext, ExpectedFlow } from "./verdict.ts";

const maxLines = 128;
const maxMedia = 8;

interface Media {
  readonly port: number;
  readonly control: number;
  readonly address: string | undefined;
}

/** Reads the description that begins at or behind the empty line at `start`. */
function readMedia(bytes: Uint8Array, start: number): Media[] {
  const media: { port: number; control: number; address: string | undefined }[] = [];
  let session: string | undefined;
  let at = nextLine(bytes, start);
  for (let count = 0; count < maxLines && at > 0 && at < bytes.length; count++) {
    const line = lineText(bytes, at, 128);
    const last = media.at(-1);
    const address = /^c=IN IP[46] ([0-9a-fA-F.:]{2,45})/.exec(line)?.[1];
    const stream = /^m=(?:audio|video|text) (\d{1,5})(?:\/\d{1,3})? (?:RTP|UDP\/TLS\/RTP)\//.exec(line);
    const control = /^a=rtcp:(\d{1,5})/.exec(line)?.[1];
    if (stream !== null && media.length < maxMedia) {
      const port = Number(stream[1]);
      media.push({ port, control: port + 1, address: session });
    } else if (address !== undefined && last === undefined) session = address;
    else if (address !== undefined && last !== undefined) last.address = address;
    else if (control !== undefined && last !== undefined) last.control = Number(control);
    at = nextLine(bytes, at);
  }
  return media;
}

const isPort = (port: number): boolean => port > 0 && port <= 65_535;

/** Announces the media of the description in the body that follows the empty line at `start`. */
export function announceMedia(bytes: Uint8Array, start: number, context: DissectContext): void {
  if (context.onExpect === undefined) return;
  for (const { port, control, address } of readMedia(bytes, start)) {
    // Port 0 refuses the stream.
    if (!isPort(port)) continue;
    const own: ExpectedFlow["host"] = context.toServer ? "client" : "server";
    for (const host of address === undefined ? [own] : [own, { address }]) {
      context.onExpect({ transport: "udp", host, port, name: "rtp" });
      if (isPort(control) && control !== port)
        context.onExpect({ transport: "udp", host, port: control, name: "rtcp" });
    }
  }
}
