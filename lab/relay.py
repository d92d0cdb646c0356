"""Relays connections from listening sockets of the machine into the network namespace of this process.

A socket belongs to the namespace in which it was created: the listeners are inherited from outside, the
connections to the guest are created here. Knows nothing about the protocol.
"""

import asyncio
import socket
import sys
from contextlib import suppress


async def serve(listener: socket.socket, address: str, port: int) -> None:
    """Accept on `listener` for ever and relay each connection to `address`:`port`."""

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(address, port)
            try:
                await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
            finally:
                far_writer.close()
        except OSError:
            pass  # the page does not answer, or not any more: so the browser is told by the end of its connection
        finally:
            writer.close()

    server = await asyncio.start_server(join, sock=listener)
    await server.serve_forever()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


def main(arguments: list[str]) -> None:
    """Run as `python -m lab.relay [DESCRIPTOR ADDRESS PORT]...`."""

    async def serve_all() -> None:
        one_by_one = zip(arguments[::3], arguments[1::3], arguments[2::3], strict=True)
        await asyncio.gather(
            *(
                serve(socket.socket(fileno=int(descriptor)), address, int(port))
                for descriptor, address, port in one_by_one
            )
        )

    with suppress(KeyboardInterrupt):
        asyncio.run(serve_all())


if __name__ == "__main__":
    main(sys.argv[1:])
