import { bytesOf, prefixed } from "../build.ts";
import type { Example } from "../example.ts";

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => bytesOf(0x30, prefixed(1, ...parts));
const id = bytesOf(2, 1, 1);
const bind = bytesOf(
  0x60,
  prefixed(1, bytesOf(2, 1, 3), bytesOf(4, prefixed(1, "cn=admin")), bytesOf(0x80, prefixed(1, "secret"))),
);
const search = bytesOf(
  0x63,
  prefixed(
    1,
    bytesOf(4, 0),
    bytesOf(10, 1, 0),
    bytesOf(10, 1, 0),
    bytesOf(2, 1, 0),
    bytesOf(2, 1, 0),
    bytesOf(1, 1, 0),
    bytesOf(0x87, prefixed(1, "objectClass")),
  ),
);

/** RFC 4511 sections 4.2 and 4.5. */
export const examples: readonly Example[] = [
  {
    title: "a bind",
    transport: "tcp",
    serverPort: 389,
    messages: [[true, sequence(id, bind)]],
    name: "ldap",
    facts: { ldap: { operation: "bind_request" } },
  },
  {
    title: "a connectionless search",
    transport: "udp",
    serverPort: 389,
    messages: [[true, sequence(id, search)]],
    name: "cldap",
    facts: { cldap: { operation: "search_request" } },
  },
  {
    title: "an entry deleted in the middle of a session",
    transport: "tcp",
    serverPort: 389,
    messages: [[true, bytesOf(0x30, 13, 2, 1, 9, 0x4a, 8, "cn=alice")]],
    name: "ldap",
    facts: { ldap: { operation: "del_request" } },
    needsPort: true,
  },
  {
    title: "what SASL protects, of a session that was joined later",
    transport: "tcp",
    serverPort: 389,
    messages: [[true, bytesOf([0, 0, 0, 60], [5, 4, 6, 0xff], new Uint8Array(56).fill(0xa7))]],
    name: "ldap",
    facts: { ldap: { secured: true } },
    needsPort: true,
  },
];
