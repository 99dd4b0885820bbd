export { decode, decodeQuoted, innerPacket, isKnownLinkType, maximumNesting } from "./decode.ts";
export { fragmentKey } from "./fragment.ts";
export { linkTypeName } from "./link-names.ts";
export { applicationOfProtocol, etherTypeName, protocolName, protocolNumberOf } from "./names.ts";
export { etherType, ipProtocol, linkType, tcpFlag } from "./numbers.ts";
export { decodePlain } from "./plain.ts";
export { Packet, type TunnelName } from "./packet.ts";
