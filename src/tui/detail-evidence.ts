import type {
  ApplicationEvidence,
  Attribution,
  Connection,
  EncryptedDnsEvidence,
  HostnameSource,
} from "../model/index.ts";
import type { CardFields, DetailSubject } from "./detail-field.ts";
import type { MessageKey } from "./messages.ts";

/** Where a name comes from, in words. */
export const nameSources: Readonly<Record<HostnameSource | "query", MessageKey>> = {
  sni: "bySni",
  http: "byHttpHost",
  dns: "byDnsAnswer",
  hosts: "byHostsFile",
  nrb: "byCaptureFile",
  ptr: "byReverse",
  query: "byQuery",
};

const owners: Readonly<Record<Attribution, MessageKey>> = {
  socket: "ownerStamped",
  iterator: "ownerIterator",
  procfs: "ownerProcfs",
  none: "ownerUnknown",
};
const protocols: Readonly<Record<ApplicationEvidence, MessageKey>> = {
  payload: "byPayload",
  port: "byPortNumber",
  inferred: "byInferenceLong",
};
const encryptedDns: Readonly<Record<EncryptedDnsEvidence, MessageKey>> = {
  alpn: "byAlpn",
  port: "byPortNumber",
  sni: "byResolverName",
};

/** What each claim of the other cards rests on. */
export function evidenceFields(subject: DetailSubject, to: CardFields): void {
  const { messages } = to;
  const { row } = subject;
  const { application, quality } = row;
  const claim = (label: string, key: MessageKey | undefined): void =>
    to.add(label, key === undefined ? undefined : messages[key]);
  claim(messages.columnProcess, owners[row.attribution]);
  claim(messages.cardProtocol, application && protocols[application.by]);
  claim(messages.columnHost, row.hostnameSource && nameSources[row.hostnameSource]);
  claim(messages.columnService, row.service === undefined ? undefined : "byPortNumber");
  claim(messages.fieldFamily, row.family && nameSources[row.family.source]);
  claim(messages.fieldCountry, row.geo === undefined ? undefined : "byGeoDatabase");
  const dns = application?.facts.tls?.encrypted_dns_by ?? application?.facts.quic?.encrypted_dns_by;
  claim(messages.fieldEncryptedDns, dns && encryptedDns[dns]);
  claim("Tor", application?.facts.tls?.tor === true ? "byTorCertificate" : undefined);
  if (Object.values(quality).some((value) => value !== undefined))
    claim(messages.panelQuality, qualityEvidence(subject));
  claim(messages.cardCounters, counterEvidence(subject));
}

/** The kernel does not tell of handshakes nor of single segments. */
const isFromPackets = ({ quality }: Connection): boolean =>
  quality.handshakeRtt !== undefined || quality.sent !== undefined || quality.received !== undefined;

const qualityEvidence = ({ row, level }: DetailSubject): MessageKey =>
  level === "replay" || isFromPackets(row) ? "qualityPackets" : "qualityKernel";

function counterEvidence({ row, level }: DetailSubject): MessageKey {
  if (level === "replay") return "countersFile";
  return level === "capture" || row.attribution === "none" ? "countersPackets" : "countersSocket";
}
