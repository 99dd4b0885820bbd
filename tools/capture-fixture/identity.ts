import { clientAddress, serverAddress } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";

function slapd(directory: string): Scenario {
  const configuration = [
    "include /etc/ldap/schema/core.schema",
    "modulepath /usr/lib/ldap",
    "moduleload back_ldif",
    `TLSCertificateFile ${directory}/certificate.pem`,
    `TLSCertificateKeyFile ${directory}/key.pem`,
    `pidfile ${directory}/slapd.pid`,
    "database ldif",
    'suffix "dc=example,dc=test"',
    'rootdn "cn=admin,dc=example,dc=test"',
    "rootpw secret",
    `directory ${directory}/ldif`,
    "",
  ];
  const entry = "dn: dc=example,dc=test\nobjectClass: organization\nobjectClass: dcObject\no: Example\ndc: example\n";
  const base = ["-x", "-b", "dc=example,dc=test", "-H", `ldap://${serverAddress}`];
  const admin = ["-D", "cn=admin,dc=example,dc=test", "-w", "secret"];
  return {
    filter: "tcp port 389",
    packages: ["slapd", "ldap-utils"],
    files: { "slapd.conf": configuration.join("\n"), "entry.ldif": entry },
    prepare: [
      ["mkdir", `${directory}/ldif`],
      ["slapadd", "-f", `${directory}/slapd.conf`, "-l", `${directory}/entry.ldif`],
    ],
    servers: [["slapd", "-d", "0", "-f", `${directory}/slapd.conf`, "-h", `ldap://${serverAddress}`]],
    ready: { transport: "tcp", port: 389 },
    clients: [
      ["ldapsearch", ...base, ...admin, "(objectClass=*)"],
      ["env", "LDAPTLS_REQCERT=never", "ldapsearch", ...base, "-ZZ", "(objectClass=*)"],
    ],
  };
}

function krb5(directory: string): Scenario {
  const files = {
    "krb5.conf": `[libdefaults]\ndefault_realm = EXAMPLE.TEST\ndns_lookup_kdc = false\n[realms]\nEXAMPLE.TEST = {\n kdc = ${serverAddress}\n}\n`,
    "kdc.conf": `[kdcdefaults]\nkdc_listen = 88\nkdc_tcp_listen = 88\n[realms]\nEXAMPLE.TEST = {\n database_name = ${directory}/principal\n key_stash_file = ${directory}/stash\n acl_file = ${directory}/acl\n}\n[logging]\nkdc = STDERR\n`,
    "krb5-tcp.conf": `[libdefaults]\ndefault_realm = EXAMPLE.TEST\nudp_preference_limit = 1\ndns_lookup_kdc = false\n[realms]\nEXAMPLE.TEST = {\n kdc = ${serverAddress}\n}\n`,
  };
  const environment = (file: string): readonly string[] => [
    ...["env", `KRB5_CONFIG=${directory}/${file}`, `KRB5_KDC_PROFILE=${directory}/kdc.conf`],
    `KRB5CCNAME=${directory}/cache`,
  ];
  const administer = ["kadmin.local", "-q"];
  return {
    filter: "port 88",
    packages: ["krb5-kdc", "krb5-user"],
    files,
    prepare: [
      [...environment("krb5.conf"), "kdb5_util", "create", "-s", "-P", "master"],
      [...environment("krb5.conf"), ...administer, "addprinc -pw secret +requires_preauth alice"],
      [...environment("krb5.conf"), ...administer, "addprinc -randkey host/www.example.test"],
    ],
    servers: [[...environment("krb5.conf"), "krb5kdc", "-n", "-P", `${directory}/pid`]],
    ready: { transport: "tcp", port: 88 },
    clients: [
      [...environment("krb5.conf"), "sh", "-c", "echo secret | kinit alice"],
      [...environment("krb5.conf"), "kvno", "host/www.example.test"],
      [...environment("krb5-tcp.conf"), "sh", "-c", "echo secret | kinit alice"],
    ],
  };
}

function freeradius(directory: string): Scenario {
  const configuration = [
    `raddbdir = ${directory}`,
    `run_dir = ${directory}`,
    `pidfile = ${directory}/pid`,
    "security {\n allow_vulnerable_openssl = yes\n}",
    `client fixture {\n ipaddr = ${clientAddress}\n secret = testing123\n}`,
    `modules {\n always ok {\n  rcode = ok\n }\n pap {\n }\n files {\n  usersfile = ${directory}/users\n }\n}`,
    "server default {",
    ` listen {\n  type = auth\n  ipaddr = ${serverAddress}\n  port = 1812\n }`,
    ` listen {\n  type = acct\n  ipaddr = ${serverAddress}\n  port = 1813\n }`,
    " authorize {\n  files\n  pap\n }",
    " authenticate {\n  pap\n }",
    " accounting {\n  ok\n }",
    "}",
    "",
  ];
  const account = "User-Name=alice,Acct-Status-Type=Start,Acct-Session-Id=0001,NAS-IP-Address=192.0.2.1";
  return {
    filter: "udp",
    packages: ["freeradius", "freeradius-utils"],
    files: { "radiusd.conf": configuration.join("\n"), users: 'alice Cleartext-Password := "secret"\n' },
    // It refuses a configuration that anybody may write to.
    prepare: [["chmod", "755", directory]],
    servers: [["freeradius", "-f", "-l", "stdout", "-d", directory]],
    ready: { transport: "udp", port: 1813 },
    clients: [
      ["radtest", "alice", "secret", serverAddress, "0", "testing123"],
      ["sh", "-c", `echo ${account} | radclient ${serverAddress}:1813 acct testing123`],
    ],
  };
}

/** Directories, authentication. */
export const identityScenarios: Readonly<Record<string, (directory: string) => Scenario>> = {
  ldap: slapd,
  krb5,
  radius: freeradius,
};
