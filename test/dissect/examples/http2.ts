import { bytesOf, prefixed, u16, u24, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const settings = bytesOf(0, 0, 6, 4, 0, u32(0), u16(3), u32(100));

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const headers = (block: Uint8Array): Uint8Array => bytesOf(u24(block.length), 1, 4, u32(1), block);
/** RFC 7541 section 6.2.2: a literal field that is not added, its name by index. */
const literal = (index: number, value: string): Uint8Array =>
  bytesOf(index < 15 ? index : [15, index - 15], prefixed(1, value));

/** RFC 9113 sections 3.4, 6.2 and 6.5, RFC 7541 appendix A. */
export const examples: readonly Example[] = [
  {
    title: "a client with prior knowledge",
    transport: "tcp",
    serverPort: 8080,
    messages: [[true, bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", settings)]],
    name: "http2",
    facts: { http2: {} },
  },
  {
    title: "a server's settings alone",
    transport: "tcp",
    serverPort: 8080,
    messages: [[false, settings]],
    name: "http2",
    facts: { http2: {} },
  },
  {
    title: "a request and its response",
    transport: "tcp",
    serverPort: 8080,
    messages: [
      [
        true,
        bytesOf(
          preface,
          settings,
          headers(bytesOf(0x82, 0x86, literal(4, "/a?key=1"), literal(1, "User@Www.example.com:8080"))),
        ),
      ],
      [false, bytesOf(settings, headers(bytesOf(0x88, literal(54, "h2o"), literal(55, "session=secret"))))],
    ],
    name: "http2",
    facts: {
      http2: {},
      http: {
        http_method: "GET",
        url: "/a",
        hostname: "www.example.com",
        status: 200,
        server: "h2o",
        protocol: "HTTP/2",
      },
    },
    hostname: "www.example.com",
  },
  {
    title: "a request whose fields go on in a CONTINUATION",
    transport: "tcp",
    serverPort: 8080,
    messages: [
      [
        true,
        bytesOf(
          preface,
          settings,
          bytesOf(u24(2), 1, 0, u32(1), 0x82, 0x86),
          bytesOf(u24(4), 9, 0, u32(1), literal(4, "/a")),
          bytesOf(u24(13), 9, 4, u32(1), literal(1, "example.com")),
        ),
      ],
    ],
    name: "http2",
    facts: { http2: {}, http: { http_method: "GET", url: "/a", hostname: "example.com", protocol: "HTTP/2" } },
    hostname: "example.com",
  },
  {
    title: "a window and data, their connection joined in the middle",
    transport: "tcp",
    serverPort: 8080,
    messages: [[true, bytesOf(u24(4), 8, 0, u32(0), u32(65_535), u24(3), 0, 1, u32(5), "abc")]],
    name: "http2",
    facts: { http2: {} },
  },
  {
    title: "a call of gRPC",
    transport: "tcp",
    serverPort: 2379,
    messages: [
      [
        true,
        bytesOf(
          preface,
          settings,
          headers(
            bytesOf(
              bytesOf(0x83, 0x86, literal(4, "/etcdserverpb.KV/Range"), literal(1, "etcd.example.com")),
              bytesOf(literal(31, "application/grpc+proto"), literal(58, "grpc-go/1.60")),
            ),
          ),
        ),
      ],
      [false, bytesOf(settings, headers(bytesOf(0x88, literal(31, "application/grpc"))))],
    ],
    name: "grpc",
    facts: {
      http2: {},
      http: {
        http_method: "POST",
        url: "/etcdserverpb.KV/Range",
        hostname: "etcd.example.com",
        http_user_agent: "grpc-go/1.60",
        status: 200,
        protocol: "HTTP/2",
      },
    },
    hostname: "etcd.example.com",
  },
  {
    title: "a server that changes no setting, and acknowledges the client's",
    transport: "tcp",
    serverPort: 8080,
    messages: [[false, bytesOf([0, 0, 0, 4, 0], u32(0), [0, 0, 0, 4, 1], u32(0))]],
    name: "http2",
    facts: { http2: {} },
  },
];
