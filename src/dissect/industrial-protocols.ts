/** Rows of the registry: control of machines and buildings. */
import { isBacnetFirst, parseBacnet, probeBacnet } from "./protocols/bacnet.ts";
import { isDnp3First, parseDnp3, probeDnp3 } from "./protocols/dnp3.ts";
import { isEnipFirst, isEnipIoFirst, parseEnip, parseEnipIo, probeEnip, probeEnipIo } from "./protocols/enip.ts";
import { isIec104First, parseIec104, probeIec104 } from "./protocols/iec104.ts";
import { isOpcuaFirst, parseOpcua, probeOpcua } from "./protocols/opcua.ts";
import { isS7commFirst, parseS7comm, probeS7comm } from "./protocols/s7comm.ts";
import type { Protocol } from "./protocol.ts";

export const industrialProtocols: readonly Protocol[] = [
  { name: "dnp3", transport: "tcp", ports: [20_000], firstByte: isDnp3First, probe: probeDnp3, parse: parseDnp3 },
  { name: "dnp3", transport: "udp", ports: [20_000], firstByte: isDnp3First, probe: probeDnp3, parse: parseDnp3 },
  { name: "s7comm", transport: "tcp", ports: [102], firstByte: isS7commFirst, probe: probeS7comm, parse: parseS7comm },
  { name: "iec104", transport: "tcp", ports: [2404], firstByte: isIec104First, probe: probeIec104, parse: parseIec104 },
  { name: "opcua", transport: "tcp", ports: [4840], firstByte: isOpcuaFirst, probe: probeOpcua, parse: parseOpcua },
  { name: "enip", transport: "tcp", ports: [44_818], firstByte: isEnipFirst, probe: probeEnip, parse: parseEnip },
  { name: "enip", transport: "udp", ports: [44_818], firstByte: isEnipFirst, probe: probeEnip, parse: parseEnip },
  { name: "enip", transport: "udp", ports: [], firstByte: isEnipIoFirst, probe: probeEnipIo, parse: parseEnipIo },
  {
    name: "bacnet",
    transport: "udp",
    ports: [47_808],
    firstByte: isBacnetFirst,
    probe: probeBacnet,
    parse: parseBacnet,
  },
];
