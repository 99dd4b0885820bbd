/**
 * Modbus/TCP: function of the first request and whether it was refused. No register values.
 *
 * MODBUS Messaging on TCP/IP Implementation Guide V1.0b section 3.1.3, Application Protocol V1.1b3 section 6.
 *
 *   transaction(2) protocol(2: 0) length(2: with the unit) unit(1) function(1: + 128 in a refusal) data
 *
 * Evidence: protocol 0, a length that the message has, a public function; too little for any port but 502.
 */
import { u16At } from "../../bytes/index.ts";
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

export function isModbusFirst(): boolean {
  return true;
}

export function probeModbus(bytes: Uint8Array, context: DissectContext): Likeness {
  if (context.serverPort !== port && context.clientPort !== port) return "no";
  if (bytes.length < headerLength) return context.last ? "no" : "more";
  const length = u16At(bytes, 4);
  if (u16At(bytes, 2) !== 0 || length < 2 || length > 254 || bytes.length < length + 6) return "no";
  // What follows is another message.
  const next = u16At(bytes, length + 8);
  if (next > 0) return "no";
  const code = bytes[7]!;
  if (!functions.has(code & ~refused)) return "no";
  return (code & refused) === 0 || length === 3 ? "yes" : "no";
}

export function parseModbus(bytes: Uint8Array, context: DissectContext): Verdict {
  const code = bytes[7];
  const name = code === undefined ? undefined : functions.get(code & ~refused);
  if (code === undefined || name === undefined) return { kind: "notMine" };
  const modbus: Record<string, unknown> = { unit: bytes[6], function: name };
  if ((code & refused) !== 0) modbus["exception"] = bytes[8] ?? 0;
  return { kind: "match", name: "modbus", facts: { modbus }, complete: !context.toServer };
}
