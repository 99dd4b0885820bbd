export { decode, decodeQuoted, maximumNesting } from "./decode.ts";
export { fragmentKey } from "./fragment.ts";
export { etherTypeName, protocolName, protocolNumberOf } from "./names.ts";
export { etherType, ipProtocol, linkType, tcpFlag } from "./numbers.ts";
export { Packet } from "./packet.ts";
