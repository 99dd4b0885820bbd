import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

const stream = (attributes: string): string =>
  `<?xml version='1.0'?><stream:stream ${attributes} version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;

/** RFC 6120 sections 4.7 and 9.1.1. */
export const examples: readonly Example[] = [
  {
    title: "a stream that is opened",
    transport: "tcp",
    serverPort: 5222,
    messages: [
      [true, bytesOf(stream("from='juliet@im.example.com' to='im.example.com'"))],
      [false, bytesOf(stream(`id="t7AMCin9" from="im.example.com" to='juliet@im.example.com'`), "<stream:features/>")],
    ],
    name: "xmpp",
    facts: { xmpp: { to: "im.example.com", from: "im.example.com", stream: "client" } },
  },
  {
    title: "a stanza of a stream that was joined in its middle",
    transport: "tcp",
    serverPort: 5222,
    messages: [[true, bytesOf("<iq type='get' id='p1' to='example.com'><ping xmlns='urn:xmpp:ping'/></iq>")]],
    name: "xmpp",
    facts: { xmpp: {} },
  },
  {
    title: "a message without a namespace",
    transport: "tcp",
    serverPort: 5269,
    messages: [[false, bytesOf("<message from='a@example.com' to='b@example.org'><body>hello</body></message>")]],
    name: "xmpp",
    facts: { xmpp: {} },
    needsPort: true,
  },
];
