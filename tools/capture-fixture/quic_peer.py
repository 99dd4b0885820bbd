"""A QUIC server or client for fixtures: `quic_peer.py server|client ADDRESS PORT VERSION CERTIFICATE KEY`; needs aioquic."""

import asyncio
import ssl
import sys

from aioquic.asyncio import connect, serve
from aioquic.quic.configuration import QuicConfiguration

role, address, port, version, certificate, key = sys.argv[1:]
numbers = {"1": 0x00000001, "2": 0x6B3343CF}
configuration = QuicConfiguration(
    is_client=role == "client",
    alpn_protocols=["h3"],
    original_version=numbers[version],
    supported_versions=list(numbers.values()),
    server_name="quic.example.test",
    verify_mode=ssl.CERT_NONE,
)


async def run_server():
    configuration.load_cert_chain(certificate, key)
    await serve(address, int(port), configuration=configuration)
    await asyncio.Future()


async def run_client():
    async with connect(address, int(port), configuration=configuration) as connection:
        await connection.ping()


asyncio.run(run_server() if role == "server" else run_client())
