/** Rows of the registry: what networks of computers stand on: authentication, remote procedures, private networks. */
import { isBfdFirst, parseBfd, probeBfd } from "./protocols/bfd.ts";
import { isCoapFirst, parseCoap, probeCoap } from "./protocols/coap.ts";
import { isCoapStreamFirst, parseCoapStream, probeCoapStream } from "./protocols/coap-stream.ts";
import { isKafkaFirst, parseKafka, probeKafka } from "./protocols/kafka.ts";
import { isModbusFirst, parseModbus, probeModbus } from "./protocols/modbus.ts";
import { isNetflowFirst, parseNetflow, probeNetflow } from "./protocols/netflow.ts";
import { isOpenvpnFirst, isOpenvpnStreamFirst, parseOpenvpn, probeOpenvpn } from "./protocols/openvpn.ts";
import { isRadiusFirst, parseRadius, probeRadius, radiusPorts } from "./protocols/radius.ts";
import { isSflowFirst, parseSflow, probeSflow } from "./protocols/sflow.ts";
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
  {
    name: "coap",
    transport: "tcp",
    ports: [5683],
    firstByte: isCoapStreamFirst,
    probe: probeCoapStream,
    parse: parseCoapStream,
  },
  {
    name: "netflow",
    transport: "udp",
    ports: [2055, 9995, 9996, 4739],
    firstByte: isNetflowFirst,
    probe: probeNetflow,
    parse: parseNetflow,
  },
  { name: "sflow", transport: "udp", ports: [6343], firstByte: isSflowFirst, probe: probeSflow, parse: parseSflow },
  { name: "bfd", transport: "udp", ports: [3784, 4784], firstByte: isBfdFirst, probe: probeBfd, parse: parseBfd },
];
