import type { Direction, HostnameSource, Liveliness } from "../model/index.ts";
import { formatEndpoint } from "./cell-text.ts";
import { evidenceFields, nameSources } from "./detail-evidence.ts";
import { CardFields, type DetailCard, type DetailSubject } from "./detail-field.ts";
import { processFields } from "./detail-process.ts";
import { protocolFields } from "./detail-protocol.ts";
import { formatAge, formatBytes, formatCount, formatMilliseconds, formatMoment, formatRate } from "./format.ts";
import { fill, type MessageKey, type Messages } from "./messages.ts";
import type { Role } from "./theme.ts";

/** Everything known of a connection, in cards in reading order; a card of which nothing is known is left out. */
export function detailCards(subject: DetailSubject, messages: Messages): DetailCard[] {
  const kinds: readonly [MessageKey, (subject: DetailSubject, to: CardFields) => void][] = [
    ["cardConnection", connectionFields],
    ["columnProcess", processFields],
    ["cardNames", nameFields],
    ["cardProtocol", protocolFields],
    ["panelQuality", qualityFields],
    ["cardCounters", counterFields],
    ["cardEvidence", evidenceFields],
  ];
  return kinds.flatMap(([title, gather]): DetailCard[] => {
    const to = new CardFields(messages);
    gather(subject, to);
    return to.fields.length === 0 ? [] : [{ title: messages[title], fields: to.fields }];
  });
}

const directions: Readonly<Record<Direction, MessageKey>> = {
  outbound: "directionOutbound",
  inbound: "directionInbound",
  unknown: "directionUnknown",
};
const livelinesses: Readonly<Record<Liveliness, readonly [MessageKey, Role]>> = {
  live: ["live", "good"],
  stale: ["stateStale", "stale"],
  critical: ["stateCritical", "critical"],
  closed: ["closed", "closed"],
};

/** What runs as Socklens starts to look is found within this time, in milliseconds; who opened it then is rarely known. */
const findsWithin = 1500;

/** Nobody saw it begin: it was there before Socklens. */
export const isOlder = ({ row, begin }: Pick<DetailSubject, "row" | "begin">): boolean =>
  row.protocolNumber === 6 &&
  row.direction === "unknown" &&
  row.state !== "LISTEN" &&
  begin > 0 &&
  row.start - begin <= findsWithin;

function connectionFields(subject: DetailSubject, to: CardFields): void {
  const { row, now, vendorOf } = subject;
  const { messages } = to;
  const time = (label: string, at: number | undefined): void =>
    to.add(label, at === undefined ? undefined : formatMoment(at, now), {
      ...(at !== undefined && { note: fill(messages.fieldAgo, { age: formatAge(now - at) }), copy: isoTime(at) }),
      short: true,
    });
  const [liveliness, role] = livelinesses[row.liveliness];
  to.add(messages.columnRemote, formatEndpoint(row.remote), { role: "address" });
  to.add(messages.columnLocal, formatEndpoint(row.local), { role: "address" });
  to.add(messages.cardProtocol, `${row.protocol} (${protocolNumber(row.protocolNumber)})`);
  to.add(messages.columnDirection, messages[directions[row.direction]]);
  to.add(messages.columnState, row.state, { note: messages[liveliness], role, short: true });
  const older = isOlder(subject);
  if (older) to.add(messages.fieldStarted, fill(messages.fieldBefore, { time: formatMoment(row.start, now) }));
  else time(messages.fieldStarted, row.start);
  time(messages.fieldLastActivity, row.lastActivity);
  if (row.end !== undefined) {
    const note = [row.endReason ?? "", fill(messages.fieldAgo, { age: formatAge(now - row.end) })];
    to.add(messages.fieldEnded, formatMoment(row.end, now), {
      note: note.filter((part) => part !== "").join(" · "),
      copy: isoTime(row.end),
      short: true,
    });
  }
  to.add(messages.columnAge, `${older ? "≥ " : ""}${formatAge((row.end ?? now) - row.start)}`, { short: true });
  to.add(messages.columnInterface, row.interfaceName);
  to.add("VLAN", row.vlan);
  for (const [label, mac] of [
    [messages.fieldLocalMac, row.localMac],
    [messages.fieldRemoteMac, row.remoteMac],
  ] as const) {
    const maker = mac === undefined ? undefined : vendorOf?.(mac);
    to.add(label, mac, maker === undefined ? {} : { note: maker });
  }
  to.add(messages.fieldNamespace, row.networkNamespace === 0 ? undefined : row.networkNamespace);
  to.add(messages.fieldTunnel, row.tunnel);
  for (const tuple of row.translated?.slice(0, 16) ?? []) to.add(messages.fieldTranslated, tuple);
  to.add(messages.fieldNumber, row.id);
}

const isoTime = (at: number): string => (Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : String(at));

const protocolNumber = (number: number): string =>
  number >= 0x1_0000 ? `EtherType 0x${(number & 0xffff).toString(16).padStart(4, "0")}` : String(number);

/** Every name of the other side with all that say so, the row's own first. */
function namesOf({ row, names }: DetailSubject): Map<string, Set<MessageKey>> {
  const { application } = row;
  const { tls, quic, http } = application?.facts ?? {};
  // What a client asks for names the server: of a connection that came in, this machine.
  const asked: readonly (readonly [string | undefined, HostnameSource | undefined])[] = [
    [application?.hostname, application?.hostnameSource],
    [tls?.sni, "sni"],
    [quic?.sni, "sni"],
    [http?.hostname, "http"],
  ];
  const told: readonly (readonly [string | undefined, HostnameSource | undefined])[] = [
    [row.hostname, row.hostnameSource],
    ...(row.direction === "inbound" ? [] : asked),
    ...names.map(({ name, source }) => [name, source] as const),
  ];
  const found = new Map<string, Set<MessageKey>>();
  for (const [name, source] of told) {
    if (typeof name !== "string" || name === "") continue;
    const sources = found.get(name) ?? new Set();
    if (source !== undefined) sources.add(nameSources[source]);
    found.set(name, sources);
  }
  return found;
}

function nameFields(subject: DetailSubject, to: CardFields): void {
  const { messages } = to;
  const { row } = subject;
  for (const [name, sources] of namesOf(subject)) {
    const note = [...sources].map((source) => messages[source]).join(", ");
    to.add(messages.columnHost, name, { role: "host", ...(note !== "" && { note }) });
  }
  to.add(messages.columnService, row.service, { note: messages.byPortNumber });
  if (row.family !== undefined) {
    to.add(messages.fieldFamily, `${row.family.name} (${row.family.category})`, {
      note: messages[nameSources[row.family.source]],
    });
  }
  to.add(messages.fieldCountry, row.geo?.country);
  to.add("ASN", row.geo?.asn);
  to.add(messages.fieldOrganization, row.geo?.organization);
}

function qualityFields({ row: { quality, txPackets: sent } }: DetailSubject, to: CardFields): void {
  const { messages } = to;
  const time = (label: string, value: number | undefined, graph?: "rtt"): void =>
    to.add(label, value === undefined ? undefined : formatMilliseconds(value), {
      short: true,
      ...(graph !== undefined && { graph }),
    });
  const trouble = (label: string, count: number | undefined): void => {
    if (count === undefined) return;
    const share = fill(messages.ofSegments, { count: formatCount(sent) });
    to.add(label, formatCount(count), {
      role: count > 0 ? "warning" : "good",
      short: true,
      ...(count > 0 && sent >= count && { note: `${((100 * count) / sent).toPrecision(2)} % ${share}` }),
    });
  };
  time(messages.columnRtt, quality.rtt, "rtt");
  time(messages.fieldMinRtt, quality.minRtt);
  time(messages.fieldHandshakeRtt, quality.handshakeRtt);
  trouble(messages.fieldRetransmits, quality.retransmits);
  trouble(messages.fieldLost, quality.lost);
  to.add(messages.fieldWindow, quality.congestionWindow, { short: true });
  for (const [label, counts] of [
    [messages.fieldSentSegments, quality.sent],
    [messages.fieldReceivedSegments, quality.received],
  ] as const) {
    if (counts === undefined) continue;
    const parts: readonly [string, number][] = [
      [messages.retransmits, counts.retransmits],
      [messages.outOfOrder, counts.outOfOrder],
      [messages.duplicateAcks, counts.duplicateAcks],
      [messages.zeroWindows, counts.zeroWindows],
    ];
    to.add(label, parts.map(([name, count]) => `${name} ${formatCount(count)}`).join(" · "));
  }
}

function counterFields({ row }: DetailSubject, to: CardFields): void {
  const { messages } = to;
  const mean = (seconds: number, rx: number, tx: number): void =>
    to.add(`${messages.columnAverage} ${seconds} s`, `↓ ${formatRate(rx)}  ↑ ${formatRate(tx)}`, { short: true });
  const total = (label: string, count: number): void =>
    to.add(label, count < 1000 ? `${count} B` : `${formatBytes(count)} (${formatCount(count)} B)`, {
      copy: String(count),
      short: true,
    });
  // A listener exchanges nothing.
  const moves = row.state !== "LISTEN";
  to.add(messages.columnRxRate, formatRate(row.rxRate), {
    role: "receive",
    short: true,
    ...(moves && { graph: "received" }),
  });
  to.add(messages.columnTxRate, formatRate(row.txRate), {
    role: "transmit",
    short: true,
    ...(moves && { graph: "sent" }),
  });
  mean(10, row.rxRate10, row.txRate10);
  mean(60, row.rxRate60, row.txRate60);
  total(messages.fieldReceived, row.rxBytes);
  total(messages.fieldSent, row.txBytes);
  const packets = `↓ ${formatCount(row.rxPackets)}  ↑ ${formatCount(row.txPackets)}`;
  to.add(messages.fieldPackets, packets, { copy: `${row.rxPackets} ${row.txPackets}`, short: true });
}
