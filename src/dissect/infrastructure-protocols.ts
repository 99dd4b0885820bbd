/** Rows of the registry: what networks of computers stand on: authentication, remote procedures, private networks. */
import { isCoapFirst, parseCoap, probeCoap } from "./protocols/coap.ts";
import { isKafkaFirst, parseKafka, probeKafka } from "./protocols/kafka.ts";
import { isModbusFirst, parseModbus, probeModbus } from "./protocols/modbus.ts";
import { isOpenvpnFirst, isOpenvpnStreamFirst, parseOpenvpn, probeOpenvpn } from "./protocols/openvpn.ts";
import { isRadiusFirst, parseRadius, probeRadius, radiusPorts } from "./protocols/radius.ts";
import { isSunrpcFirst, isSunrpcStreamFirst, parseSunrpc, probeSunrpc } from "./protocols/sunrpc.ts";
import type { Protocol } from "./protocol.ts";

const rpc = { name: "sunrpc", ports: [111, 2049], probe: probeSunrpc, parse: parseSunrpc } as const;
const vpn = { name: "openvpn", ports: [1194], probe: probeOpenvpn, parse: parseOpenvpn } as const;

export const infrastructureProtocols: readonly Protocol[] = [
  { ...rpc, transport: "tcp", firstByte: isSunrpcStreamFirst },
  { ...rpc, transport: "udp", firstByte: isSunrpcFirst },
  { ...vpn, transport: "tcp", firstByte: isOpenvpnStreamFirst },
  { ...vpn, transport: "udp", firstByte: isOpenvpnFirst },
  {
    name: "radius",
    transport: "udp",
    ports: radiusPorts,
    firstByte: isRadiusFirst,
    probe: probeRadius,
    parse: parseRadius,
  },
  { name: "kafka", transport: "tcp", ports: [9092], firstByte: isKafkaFirst, probe: probeKafka, parse: parseKafka },
  { name: "modbus", transport: "tcp", ports: [502], firstByte: isModbusFirst, probe: probeModbus, parse: parseModbus },
  { name: "coap", transport: "udp", ports: [5683], firstByte: isCoapFirst, probe: probeCoap, parse: parseCoap },
];
