import { examples as infrastructure } from "./infrastructure.ts";
import { examples as amqp } from "./amqp.ts";
import { examples as bittorrent } from "./bittorrent.ts";
import { examples as dhcp } from "./dhcp.ts";
import { examples as dtls } from "./dtls.ts";
import { examples as ftp } from "./ftp.ts";
import { examples as http2 } from "./http2.ts";
import { examples as ike } from "./ike.ts";
import { examples as imap } from "./imap.ts";
import { examples as irc } from "./irc.ts";
import { examples as ldap } from "./ldap.ts";
import { examples as memcached } from "./memcached.ts";
import { examples as mongodb } from "./mongodb.ts";
import { examples as mqtt } from "./mqtt.ts";
import { examples as mysql } from "./mysql.ts";
import { examples as enterprise } from "./enterprise.ts";
import { examples as telemetry } from "./telemetry.ts";
import { examples as nats } from "./nats.ts";
import { examples as netbiosSsn } from "./netbios-ssn.ts";
import { examples as netbios } from "./netbios.ts";
import { examples as ntp } from "./ntp.ts";
import { examples as pgsql } from "./pgsql.ts";
import { examples as pop3 } from "./pop3.ts";
import { examples as rdp } from "./rdp.ts";
import { examples as redis } from "./redis.ts";
import { examples as rfb } from "./rfb.ts";
import { examples as sip } from "./sip.ts";
import { examples as smb } from "./smb.ts";
import { examples as smtp } from "./smtp.ts";
import { examples as snmp } from "./snmp.ts";
import { examples as socks } from "./socks.ts";
import { examples as ssdp } from "./ssdp.ts";
import { examples as stun } from "./stun.ts";
import { examples as telegram } from "./telegram.ts";
import { examples as telnet } from "./telnet.ts";
import { examples as tftp } from "./tftp.ts";
import { examples as websocket } from "./websocket.ts";
import { examples as wireguard } from "./wireguard.ts";
import { examples as krb5 } from "./krb5.ts";
import { examples as syslog } from "./syslog.ts";
import { examples as rsync } from "./rsync.ts";
import { examples as git } from "./git.ts";
import { examples as tacacs } from "./tacacs.ts";
import { examples as wsd } from "./wsd.ts";
import { examples as dhcpv6 } from "./dhcpv6.ts";
import { examples as rtsp } from "./rtsp.ts";
import { examples as xmpp } from "./xmpp.ts";
import { examples as h323 } from "./h323.ts";
import { examples as dnp3 } from "./dnp3.ts";
import { examples as s7comm } from "./s7comm.ts";
import { examples as bacnet } from "./bacnet.ts";
import { examples as opcua } from "./opcua.ts";
import { examples as enip } from "./enip.ts";
import { examples as cassandra } from "./cassandra.ts";
import { examples as tds } from "./tds.ts";
import { examples as oracle } from "./oracle.ts";
import { examples as zookeeper } from "./zookeeper.ts";
import { examples as elasticsearch } from "./elasticsearch.ts";
import { examples as bgp } from "./bgp.ts";
import { examples as pptp } from "./pptp.ts";
import { examples as l2tp } from "./l2tp.ts";
import { examples as hsrp } from "./hsrp.ts";
import { examples as natPmp } from "./nat-pmp.ts";
import { examples as rtcp } from "./rtcp.ts";
import { examples as tailscale } from "./tailscale.ts";
import { examples as zerotier } from "./zerotier.ts";
import { examples as discord } from "./discord.ts";
import { examples as gquic } from "./gquic.ts";
import { examples as localDiscovery } from "./local-discovery.ts";
import { examples as rip } from "./rip.ts";
import { examples as rtp } from "./rtp.ts";
import { examples as utp } from "./utp.ts";
import { examples as zoom } from "./zoom.ts";
import { examples as whatsapp } from "./whatsapp.ts";
import type { Example } from "../example.ts";

/** All examples, by the file that holds them. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  amqp,
  bittorrent,
  dhcp,
  dtls,
  ftp,
  http2,
  ike,
  imap,
  irc,
  ldap,
  memcached,
  mongodb,
  mqtt,
  mysql,
  enterprise,
  nats,
  telemetry,
  netbios,
  netbiosSsn,
  ntp,
  pgsql,
  pop3,
  rdp,
  redis,
  rfb,
  sip,
  smb,
  smtp,
  snmp,
  socks,
  ssdp,
  stun,
  telegram,
  telnet,
  tftp,
  websocket,
  wireguard,
  krb5,
  syslog,
  rsync,
  git,
  tacacs,
  wsd,
  dhcpv6,
  rtsp,
  xmpp,
  h323,
  dnp3,
  s7comm,
  bacnet,
  opcua,
  enip,
  cassandra,
  tds,
  oracle,
  zookeeper,
  elasticsearch,
  bgp,
  pptp,
  l2tp,
  hsrp,
  natPmp,
  rtcp,
  tailscale,
  zerotier,
  discord,
  gquic,
  localDiscovery,
  rip,
  rtp,
  utp,
  zoom,
  whatsapp,
  infrastructure,
};
