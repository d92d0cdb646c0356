"""gRPC: the health a server tells, the statuses with which it tells none, and HTTP/2 that is no gRPC."""

import asyncio
from collections.abc import Callable

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from app.lvs.checks.check import Outcome, Result
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.asking import ask_server

Respond = Callable[[H2Connection, int], None]
HEADERS = [(":status", "200"), ("content-type", "application/grpc")]
WELL = [("grpc-status", "0")]


def asked(respond: Respond, name: str = "") -> tuple[Result, dict[bytes, bytes], bytes]:
    """Check a server that answers with `respond`; return the result, and headers and body of the request."""
    headers: dict[bytes, bytes] = {}
    body = bytearray()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        connection.initiate_connection()
        while data := await reader.read(4096):
            for event in connection.receive_data(data):
                match event:
                    case RequestReceived():
                        headers.update({bytes(name): bytes(value) for name, value in event.headers or ()})
                    case DataReceived():
                        body.extend(event.data or b"")
                    case StreamEnded():
                        respond(connection, event.stream_id or 0)
            writer.write(connection.data_to_send())
            await writer.drain()

    return ask_server(handler, kind=CheckKind.GRPC, name=name), headers, bytes(body)


def telling(message: bytes) -> Respond:
    """Return the answer that holds `message`."""

    def respond(connection: H2Connection, number: int) -> None:
        connection.send_headers(number, HEADERS)
        connection.send_data(number, b"\0" + len(message).to_bytes(4, "big") + message)
        connection.send_headers(number, WELL, end_stream=True)

    return respond


def refusing(*headers: tuple[str, str]) -> Respond:
    """Return the answer that is nothing but `headers`."""
    return lambda connection, number: connection.send_headers(number, headers, end_stream=True)


def rubbish(connection: H2Connection, number: int) -> None:
    connection.send_headers(number, HEADERS)
    connection.send_data(number, b"\x01\0\0\0\x01x")
    connection.send_headers(number, WELL, end_stream=True)


def test_a_serving_server_is_well() -> None:
    result, headers, body = asked(telling(b"\x08\x01"))
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.startswith("gRPC health of the server from 127.0.0.1:")
    assert result.message.endswith(": SERVING")
    assert headers[b":path"] == b"/grpc.health.v1.Health/Check"
    assert headers[b"te"] == b"trailers"
    assert body == bytes(5)


@pytest.mark.parametrize(("name", "size"), [("shop.Cart", b"\x09"), ("x" * 300, b"\xac\x02")])
def test_a_service_is_asked_for_by_its_name(name: str, size: bytes) -> None:
    result, _, body = asked(telling(b"\x08\x01"), name)
    assert result.outcome is Outcome.PASSED, result.message
    message = b"\x0a" + size + name.encode()
    assert body == b"\0" + len(message).to_bytes(4, "big") + message


@pytest.mark.parametrize(
    ("respond", "said"),
    [
        (telling(b"\x08\x02"), ": NOT_SERVING"),
        (telling(b"\x08\x03"), ": SERVICE_UNKNOWN"),
        (telling(b""), ": UNKNOWN"),
        (telling(b"\x08\x09"), ": health 9"),
        (telling(b"\x12\x01"), r": answered '\x12\x01', which is not a health"),
        (rubbish, r": answered '\x01\x00\x00\x00\x01x', which is not one message"),
        (refusing(*HEADERS, ("grpc-status", "12")), ": status UNIMPLEMENTED: the server has no health service"),
        (
            refusing(*HEADERS, ("grpc-status", "5"), ("grpc-message", "no%20such")),
            ": status NOT_FOUND: the server knows no such service, 'no such'",
        ),
        (refusing(*HEADERS, ("grpc-status", "77")), ": status 77"),
        (refusing((":status", "404")), ": answered HTTP/2 status 404 without a gRPC status"),
        (
            lambda connection, number: connection.reset_stream(number, 7),
            "reset the request with HTTP/2 error 7",
        ),
        (lambda connection, _: connection.close_connection(2), "closed the connection with HTTP/2 error 2"),
        (lambda _connection, _number: None, ": timed out, no answer within 1 s"),
    ],
)
def test_every_other_answer_is_told(respond: Respond, said: str) -> None:
    result, _, _ = asked(respond)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(said), result.message
