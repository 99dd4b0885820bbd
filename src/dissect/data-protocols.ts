/** Rows of the registry: data bases and what coordinates them. */
import { isCassandraFirst, parseCassandra, probeCassandra } from "./protocols/cassandra.ts";
import { isCassandraNodeFirst, parseCassandraNode, probeCassandraNode } from "./protocols/cassandra-node.ts";
import { isElasticsearchFirst, parseElasticsearch, probeElasticsearch } from "./protocols/elasticsearch.ts";
import { parseMemcachedDatagram, probeMemcachedDatagram } from "./protocols/memcached.ts";
import { isOracleFirst, parseOracle, probeOracle } from "./protocols/oracle.ts";
import { isTdsFirst, parseTds, probeTds } from "./protocols/tds.ts";
import { isZookeeperFirst, parseZookeeper, probeZookeeper } from "./protocols/zookeeper.ts";
import type { Protocol } from "./protocol.ts";

const any = (): boolean => true;

export const dataProtocols: readonly Protocol[] = [
  { name: "tds", transport: "tcp", ports: [1433], firstByte: isTdsFirst, probe: probeTds, parse: parseTds },
  {
    name: "cassandra",
    transport: "tcp",
    ports: [9042],
    firstByte: isCassandraFirst,
    probe: probeCassandra,
    parse: parseCassandra,
  },
  {
    name: "cassandra",
    transport: "tcp",
    ports: [],
    firstByte: isCassandraNodeFirst,
    probe: probeCassandraNode,
    parse: parseCassandraNode,
  },
  { name: "oracle", transport: "tcp", ports: [1521], firstByte: isOracleFirst, probe: probeOracle, parse: parseOracle },
  {
    name: "zookeeper",
    transport: "tcp",
    ports: [2181],
    firstByte: isZookeeperFirst,
    probe: probeZookeeper,
    parse: parseZookeeper,
  },
  {
    name: "elasticsearch",
    transport: "tcp",
    ports: [],
    firstByte: isElasticsearchFirst,
    probe: probeElasticsearch,
    parse: parseElasticsearch,
  },
  {
    name: "memcached",
    transport: "udp",
    ports: [11_211],
    firstByte: any,
    probe: probeMemcachedDatagram,
    parse: parseMemcachedDatagram,
  },
];
