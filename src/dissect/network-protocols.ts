/** Rows of the registry: routing, routers, tunnels, and media that other protocols set up. */
import { isBgpFirst, parseBgp, probeBgp } from "./protocols/bgp.ts";
import { isDiscordFirst, parseDiscord, probeDiscord } from "./protocols/discord.ts";
import { isDropboxFirst, parseDropbox, probeDropbox } from "./protocols/dropbox.ts";
import { parseEsp, probeEsp } from "./protocols/esp.ts";
import { isGquicFirst, parseGquic, probeGquic } from "./protocols/gquic.ts";
import { isHsrpFirst, parseHsrp, probeHsrp } from "./protocols/hsrp.ts";
import { isL2tpFirst, parseL2tp, probeL2tp } from "./protocols/l2tp.ts";
import { isNatpmpFirst, parseNatpmp, probeNatpmp } from "./protocols/nat-pmp.ts";
import { isPptpFirst, parsePptp, probePptp } from "./protocols/pptp.ts";
import { isQuicShortFirst, parseQuicShort, probeQuicShort } from "./protocols/quic-short.ts";
import { isRtcpFirst, parseRtcp, probeRtcp } from "./protocols/rtcp.ts";
import { isRipFirst, parseRip, probeRip } from "./protocols/rip.ts";
import { isRtpFirst, parseRtp, probeRtp } from "./protocols/rtp.ts";
import { isSpotifyFirst, parseSpotify, probeSpotify } from "./protocols/spotify.ts";
import { isTailscaleFirst, parseTailscale, probeTailscale } from "./protocols/tailscale.ts";
import { isTrackerFirst, isUtpFirst, parseTracker, parseUtp, probeTracker, probeUtp } from "./protocols/utp.ts";
import { parseZerotier, probeZerotier } from "./protocols/zerotier.ts";
import { isZoomFirst, parseZoom, probeZoom } from "./protocols/zoom.ts";
import type { Protocol } from "./protocol.ts";

const any = (): boolean => true;

export const networkProtocols: readonly Protocol[] = [
  { name: "bgp", transport: "tcp", ports: [179], firstByte: isBgpFirst, probe: probeBgp, parse: parseBgp },
  { name: "pptp", transport: "tcp", ports: [1723], firstByte: isPptpFirst, probe: probePptp, parse: parsePptp },
  {
    name: "tailscale",
    transport: "udp",
    ports: [41_641],
    firstByte: isTailscaleFirst,
    probe: probeTailscale,
    parse: parseTailscale,
  },
  { name: "l2tp", transport: "udp", ports: [1701], firstByte: isL2tpFirst, probe: probeL2tp, parse: parseL2tp },
  { name: "esp", transport: "udp", ports: [4500], firstByte: any, probe: probeEsp, parse: parseEsp },
  { name: "discord", transport: "udp", ports: [], firstByte: isDiscordFirst, probe: probeDiscord, parse: parseDiscord },
  { name: "rtcp", transport: "udp", ports: [], firstByte: isRtcpFirst, probe: probeRtcp, parse: parseRtcp },
  { name: "zerotier", transport: "udp", ports: [9993], firstByte: any, probe: probeZerotier, parse: parseZerotier },
  { name: "hsrp", transport: "udp", ports: [1985, 2029], firstByte: isHsrpFirst, probe: probeHsrp, parse: parseHsrp },
  {
    name: "nat-pmp",
    transport: "udp",
    ports: [5351, 5350],
    firstByte: isNatpmpFirst,
    probe: probeNatpmp,
    parse: parseNatpmp,
  },
  { name: "quic", transport: "udp", ports: [443], firstByte: isGquicFirst, probe: probeGquic, parse: parseGquic },
  {
    name: "quic",
    transport: "udp",
    ports: [443],
    firstByte: isQuicShortFirst,
    probe: probeQuicShort,
    parse: parseQuicShort,
  },
  { name: "rip", transport: "udp", ports: [520, 521], firstByte: isRipFirst, probe: probeRip, parse: parseRip },
  {
    name: "dropbox",
    transport: "udp",
    ports: [17_500],
    firstByte: isDropboxFirst,
    probe: probeDropbox,
    parse: parseDropbox,
  },
  {
    name: "spotify",
    transport: "udp",
    ports: [57_621],
    firstByte: isSpotifyFirst,
    probe: probeSpotify,
    parse: parseSpotify,
  },
  { name: "zoom", transport: "udp", ports: [8801], firstByte: isZoomFirst, probe: probeZoom, parse: parseZoom },
  {
    name: "bittorrent",
    transport: "udp",
    ports: [],
    firstByte: isTrackerFirst,
    probe: probeTracker,
    parse: parseTracker,
  },
  { name: "utp", transport: "udp", ports: [], firstByte: isUtpFirst, probe: probeUtp, parse: parseUtp },
  { name: "rtp", transport: "udp", ports: [], firstByte: isRtpFirst, probe: probeRtp, parse: parseRtp },
];
