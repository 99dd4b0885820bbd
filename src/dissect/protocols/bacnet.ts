/**
 * BACnet/IP: what is sent, and which service is asked. No objects, no values.
 *
 * ANSI/ASHRAE 135 annexes J.2 (BVLL) and U.2 (over IPv6), clause 6.2 (NPDU), clause 20.1 (APDU).
 *
 *   BVLL = 0x81 function(1) length(2: of the datagram) ...;  NPDU = 1 control(1) [destination] [source] [hops] APDU
 *   APDU = type(4 bits) flags(4 bits) ...
 *
 *   BVLL6 = 0x82 function(1) length(2: of the datagram) source(3: virtual address) [destination(3)] ... (annex U)
 *
 * Evidence: a function that exists, the datagram's own length, and behind it what the function demands: version 1 of the
 * network layer without its reserved bits, or that function's length.
 */
import { u16At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const functions = [
  "result",
  "write_broadcast_distribution_table",
  "read_broadcast_distribution_table",
  "read_broadcast_distribution_table_ack",
  "forwarded",
  "register_foreign_device",
  "read_foreign_device_table",
  "read_foreign_device_table_ack",
  "delete_foreign_device_table_entry",
  "distribute_broadcast",
  "unicast",
  "broadcast",
  "secure",
];
/** Where the network layer begins, by function. */
const networkAt: ReadonlyMap<number, number> = new Map([
  [4, 10],
  [9, 4],
  [10, 4],
  [11, 4],
]);
/** Lengths of those without one: -1 where a table of entries of so many bytes follows. */
const lengths: ReadonlyMap<number, number> = new Map([
  [0, 6],
  [2, 4],
  [5, 6],
  [6, 4],
  [8, 10],
]);
const tables = [1, 3, 7];
const tableEntry = 10;
/** Annex U.2: names of the functions over IPv6, where the network layer begins, and the length of those without one. */
const functions6: ReadonlyMap<number, readonly [name: string, networkAt: number, length: number]> = new Map([
  [0x00, ["result", -1, 9]],
  [0x01, ["unicast", 10, 0]],
  [0x02, ["broadcast", 7, 0]],
  [0x03, ["address_resolution", -1, 10]],
  [0x04, ["forwarded_address_resolution", -1, 28]],
  [0x05, ["address_resolution_ack", -1, 10]],
  [0x06, ["virtual_address_resolution", -1, 7]],
  [0x07, ["virtual_address_resolution_ack", -1, 10]],
  [0x08, ["forwarded", 25, 0]],
  [0x09, ["register_foreign_device", -1, 9]],
  [0x0a, ["delete_foreign_device_table_entry", -1, 25]],
  [0x0c, ["distribute_broadcast", 7, 0]],
]);
const [type4, type6] = [0x81, 0x82];
const reservedControl = 0x50;
const networkMessage = 0x80;
const confirmed =
  "acknowledge_alarm cov_notification event_notification get_alarm_summary get_enrollment_summary subscribe_cov atomic_read_file atomic_write_file add_list_element remove_list_element create_object delete_object read_property read_property_conditional read_property_multiple write_property write_property_multiple device_communication_control private_transfer text_message reinitialize_device vt_open vt_close vt_data authenticate request_key read_range life_safety_operation subscribe_cov_property get_event_information".split(
    " ",
  );
const unconfirmed =
  "i_am i_have cov_notification event_notification private_transfer text_message time_synchronization who_has who_is utc_time_synchronization write_group".split(
    " ",
  );

export function isBacnetFirst(byte: number): boolean {
  return byte === type4 || byte === type6;
}

/** Where the network layer begins, -1 when the function has none, and the length it must have then; undefined: no function. */
function formOf(bytes: Uint8Array): { name: string; network: number; length: number } | undefined {
  const kind = bytes[1] ?? 0xff;
  if (bytes[0] === type6) {
    const found = functions6.get(kind);
    return found === undefined ? undefined : { name: found[0], network: found[1], length: found[2] };
  }
  const name = bytes[0] === type4 ? functions[kind] : undefined;
  if (name === undefined) return undefined;
  return { name, network: networkAt.get(kind) ?? -1, length: lengths.get(kind) ?? 0 };
}

export function probeBacnet(bytes: Uint8Array, context: DissectContext): Likeness {
  const length = u16At(bytes, 2);
  const form = formOf(bytes);
  if (form === undefined || length < 4) return "no";
  if (length !== bytes.length && !(context.last && length > bytes.length)) return "no";
  const at = form.network;
  if (at < 0) {
    const isTable = bytes[0] === type4 && tables.includes(bytes[1]!) && (length - 4) % tableEntry === 0;
    return isTable || form.length === length ? "yes" : "no";
  }
  if (length < at + 3 || bytes.length < at + 2) return "no";
  return bytes[at] === 1 && (bytes[at + 1]! & reservedControl) === 0 ? "yes" : "no";
}

/** Offset of the APDU behind the network layer's addresses, or -1 when there is none. */
function applicationAt(bytes: Uint8Array, at: number): number {
  const control = bytes[at + 1] ?? networkMessage;
  if ((control & networkMessage) !== 0) return -1;
  const hasDestination = (control & 0x20) !== 0;
  let next = at + 2;
  if (hasDestination) next += 3 + (bytes[next + 2] ?? 0);
  if ((control & 0x08) !== 0) next += 3 + (bytes[next + 2] ?? 0);
  if (hasDestination) next += 1;
  return next;
}

/** Name of the service that the APDU asks for or answers. */
function serviceOf(bytes: Uint8Array, at: number): string | undefined {
  const type = (bytes[at] ?? 0xf0) >> 4;
  const segmented = ((bytes[at] ?? 0) & 0x08) !== 0 ? 2 : 0;
  if (type === 0) return confirmed[bytes[at + 3 + segmented] ?? 255];
  if (type === 1) return unconfirmed[bytes[at + 1] ?? 255];
  if (type === 2) return confirmed[bytes[at + 2] ?? 255];
  return type === 3 ? confirmed[bytes[at + 2 + segmented] ?? 255] : undefined;
}

export function parseBacnet(bytes: Uint8Array, context: DissectContext): Verdict {
  const form = formOf(bytes);
  if (form === undefined) return { kind: "notMine" };
  const bacnet: Record<string, unknown> = { function: form.name };
  const at = form.network < 0 ? -1 : applicationAt(bytes, form.network);
  const service = at < 0 ? undefined : serviceOf(bytes, at);
  if (service !== undefined) bacnet["service"] = service;
  return { kind: "match", name: "bacnet", facts: { bacnet }, complete: !context.toServer };
}
