/**
 * Kafka: the first request's kind, version and client.
 *
 * Kafka protocol guide (kafka.apache.org/protocol), "Request Header v1 and v2".
 *
 *   length(4) api key(2) api version(2) correlation id(4) client id length(2: -1 none) client id ...
 *
 * Evidence: a known key in a known version, a length that the rest fits, a printable client id.
 */
import { asciiText, escapeControls, u16At, u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const kinds = [
  "produce",
  "fetch",
  "list_offsets",
  "metadata",
  "leader_and_isr",
  "stop_replica",
  "update_metadata",
  "controlled_shutdown",
  "offset_commit",
  "offset_fetch",
  "find_coordinator",
  "join_group",
  "heartbeat",
  "leave_group",
  "sync_group",
  "describe_groups",
  "list_groups",
  "sasl_handshake",
  "api_versions",
  "create_topics",
  "delete_topics",
  "delete_records",
  "init_producer_id",
  "offset_for_leader_epoch",
  "add_partitions_to_txn",
  "add_offsets_to_txn",
  "end_txn",
  "write_txn_markers",
  "txn_offset_commit",
  "describe_acls",
  "create_acls",
  "delete_acls",
  "describe_configs",
  "alter_configs",
  "alter_replica_log_dirs",
  "describe_log_dirs",
  "sasl_authenticate",
  "create_partitions",
  "create_delegation_token",
  "renew_delegation_token",
  "expire_delegation_token",
  "describe_delegation_token",
  "delete_groups",
  "elect_leaders",
  "incremental_alter_configs",
  "alter_partition_reassignments",
  "list_partition_reassignments",
  "offset_delete",
  "describe_client_quotas",
  "alter_client_quotas",
  "describe_user_scram_credentials",
  "alter_user_scram_credentials",
  "vote",
  "begin_quorum_epoch",
  "end_quorum_epoch",
  "describe_quorum",
  "alter_partition",
  "update_features",
  "envelope",
  "fetch_snapshot",
  "describe_cluster",
  "describe_producers",
  "broker_registration",
  "broker_heartbeat",
  "unregister_broker",
  "describe_transactions",
  "list_transactions",
  "allocate_producer_ids",
  "consumer_group_heartbeat",
  "consumer_group_describe",
];
const ports: readonly number[] = [9092, 9093, 9094];
const headerLength = 14;
const newestVersion = 20;
const largest = 1 << 24;
const longestClient = 256;
/** Longer responses come in several segments: which byte is the first is not known then. */
const longestResponse = 8192;
const none = 0xffff;
const apiVersions = 18;
/** Version from which on ApiVersions has the header with tags. */
const flexible = 3;
const longestFirst = 4096;

/** The length's first byte: requests stay below 2^24 bytes. */
export function isKafkaFirst(byte: number): boolean {
  return byte === 0;
}

/** A response is a length and the request's number: on Kafka's port, when the length is that of what was sent. */
function probeResponse(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!ports.includes(context.serverPort) || bytes.length < 8 || context.last) return "no";
  const length = u32At(bytes, 0);
  if (length < 4 || length > longestResponse) return "no";
  return bytes.length === length + 4 ? "yes" : bytes.length < length + 4 ? "more" : "no";
}

export function probeKafka(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!context.toServer) return probeResponse(bytes, context);
  if (bytes.length < headerLength) return context.last ? "no" : "more";
  const length = u32At(bytes, 0);
  const client = u16At(bytes, 12);
  if (length < headerLength - 4 || length > largest) return "no";
  if (kinds[u16At(bytes, 4)] === undefined || u16At(bytes, 6) > newestVersion) return "no";
  const known = ports.includes(context.serverPort);
  if (client === none || client === 0) return known ? "yes" : "no";
  if (client > longestClient || headerLength - 4 + client > length) return "no";
  const end = Math.min(bytes.length, headerLength + client);
  for (let at = headerLength; at < end; at++) if (bytes[at]! < 0x20 || bytes[at]! > 0x7e) return "no";
  // Elsewhere than on its ports the first request is one that begins a conversation.
  const begins = [3, 10, 17, 18].includes(u16At(bytes, 4));
  if (known) return "yes";
  if (!begins || !isAsked(bytes, headerLength + client, length + 4)) return "no";
  return isFollowed(bytes, length + 4) ? "yes" : "no";
}

/**
 * Whether what follows the header is what the few first requests hold: ApiVersions nothing or, since version 3, the names of client
 * software behind a byte for tags; others begin with a list or a name, which has a length.
 */
function isAsked(bytes: Uint8Array, at: number, end: number): boolean {
  const [kind, version] = [u16At(bytes, 4), u16At(bytes, 6)];
  if (kind !== apiVersions) return end > at && end - at < longestFirst;
  return version < flexible ? end === at : end - at >= 4 && bytes[at] === 0 && at + 1 + bytes[at + 1]! <= end;
}

/** Nothing, or another request: key and version that exist. */
function isFollowed(bytes: Uint8Array, at: number): boolean {
  if (bytes.length <= at) return bytes.length === at;
  return bytes.length >= at + 8 && kinds[u16At(bytes, at + 4)] !== undefined && u16At(bytes, at + 6) <= newestVersion;
}

export function parseKafka(bytes: Uint8Array, context: DissectContext): Verdict {
  if (!context.toServer) return { kind: "match", name: "kafka", facts: { kafka: {} }, complete: false };
  const request = context.toServer ? kinds[u16At(bytes, 4)] : undefined;
  if (request === undefined) return { kind: "notMine" };
  const kafka: Record<string, unknown> = { request, version: u16At(bytes, 6) };
  const client = u16At(bytes, 12);
  if (client > 0 && client !== none) {
    const end = Math.min(bytes.length, headerLength + client);
    kafka["client_id"] = escapeControls(asciiText(bytes, headerLength, end, 64));
  }
  return { kind: "match", name: "kafka", facts: { kafka }, complete: true };
}
