/**
 * Modbus/TCP: function of the first request and whether it was refused. No register values.
 *
 * MODBUS Messaging on TCP/IP Implementation Guide V1.0b section 3.1.3, Application Protocol V1.1b3 section 6.
 *
 *   transaction(2) protocol(2: 0) length(2: with the unit) unit(1) function(1: + 128 in a refusal) data
 *
 * Evidence: protocol 0, a length that the message has, a public function. On ports that are not Modbus's a request of just the
 * length that its function demands, and the answer to it: the same transaction, unit and function, and a length that fits.
 */
import { u16At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const port = 502;
const functions = new Map([
  [1, "read_coils"],
  [2, "read_discrete_inputs"],
  [3, "read_holding_registers"],
  [4, "read_input_registers"],
  [5, "write_single_coil"],
  [6, "write_single_register"],
  [7, "read_exception_status"],
  [8, "diagnostics"],
  [11, "get_comm_event_counter"],
  [12, "get_comm_event_log"],
  [15, "write_multiple_coils"],
  [16, "write_multiple_registers"],
  [17, "report_server_id"],
  [20, "read_file_record"],
  [21, "write_file_record"],
  [22, "mask_write_register"],
  [23, "read_write_multiple_registers"],
  [24, "read_fifo_queue"],
  [43, "encapsulated_interface_transport"],
]);
const headerLength = 8;
const refused = 0x80;
/** Reads and single writes: address and quantity or value; their "length" counts unit and function too. */
const shortRequest = 6;
const firstMultiple = 15;

interface ModbusMemory {
  /** Head of the client's first request, from its transaction to its function. */
  asked: Uint8Array | undefined;
}

const isOwnPort = (context: DissectContext): boolean => context.serverPort === port || context.clientPort === port;

/** Application Protocol section 5: functions that users define; 90 is Schneider's ("UMAS"). */
const isUsers = (code: number): boolean => (code >= 65 && code <= 72) || (code >= 100 && code <= 110) || code === 90;

export function isModbusFirst(): boolean {
  return true;
}

export function probeModbus(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!isOwnPort(context)) return probeForeign(bytes, context);
  if (bytes.length < headerLength) return context.last ? "no" : "more";
  const length = u16At(bytes, 4);
  if (u16At(bytes, 2) !== 0 || length < 2 || length > 254) return "no";
  if (bytes.length < length + 6) return context.last ? "no" : "more";
  // What follows is another message.
  const next = u16At(bytes, length + 8);
  if (next > 0) return "no";
  const code = bytes[7]!;
  if (!functions.has(code & ~refused) && !isUsers(code & ~refused)) return "no";
  return (code & refused) === 0 || length === 3 ? "yes" : "no";
}

/** One message, and nothing else, whose function demands its length: Application Protocol sections 6.1 to 6.6, 6.11, 6.12. */
function probeForeign(bytes: Uint8Array, context: DissectContext): Likeness {
  const length = u16At(bytes, 4);
  const code = bytes[7] ?? 0;
  if (bytes.length < headerLength + 1 || u16At(bytes, 2) !== 0 || bytes.length !== length + 6) return "no";
  if (context.toServer) {
    if (code >= 1 && code <= 6) return length === shortRequest ? "yes" : "no";
    return (code === firstMultiple || code === firstMultiple + 1) && length === 7 + bytes[12]! ? "yes" : "no";
  }
  if (code > refused) return length === 3 && functions.has(code & ~refused) ? "yes" : "no";
  if (code >= 1 && code <= 4) return length === 3 + bytes[8]! ? "yes" : "no";
  return (code === 5 || code === 6 || code === firstMultiple || code === firstMultiple + 1) && length === shortRequest
    ? "yes"
    : "no";
}

/** Whether the server's message answers the client's. */
function answers(bytes: Uint8Array, context: DissectContext): boolean {
  const memory = recall<ModbusMemory>(context, "modbus", () => ({ asked: undefined }));
  if (context.toServer) {
    memory.asked ??= bytes.slice(0, headerLength);
    return false;
  }
  const { asked } = memory;
  if (asked === undefined) return false;
  return asked[0] === bytes[0] && asked[1] === bytes[1] && asked[6] === bytes[6] && asked[7] === (bytes[7]! & ~refused);
}

export function parseModbus(bytes: Uint8Array, context: DissectContext): Verdict {
  if (!isOwnPort(context)) {
    if (probeForeign(bytes, context) !== "yes") return { kind: "notMine" };
    if (!answers(bytes, context)) return { kind: "needMore", bytes: bytes.length + 1 };
  }
  const code = bytes[7];
  const known = code === undefined ? undefined : functions.get(code & ~refused);
  const name = known ?? (code !== undefined && isUsers(code & ~refused) ? "user_defined" : undefined);
  if (code === undefined || name === undefined) return { kind: "notMine" };
  const modbus: Record<string, unknown> = { unit: bytes[6], function: name };
  if ((code & refused) !== 0) modbus["exception"] = bytes[8] ?? 0;
  return { kind: "match", name: "modbus", facts: { modbus }, complete: !context.toServer };
}
