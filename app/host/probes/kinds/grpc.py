"""gRPC: asks grpc.health.v1.Health whether a service, or the server as a whole, is serving."""

from contextlib import suppress
from urllib.parse import unquote_to_bytes

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import H2Error

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import READ_MAX, Stream, streamed
from app.lvs.checks.check import Check
from app.lvs.checks.expect import quoted_bytes

_PATH = "/grpc.health.v1.Health/Check"
_SERVING = 1
_HEALTH = {0: "UNKNOWN", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
_STATUS = {
    b"1": "CANCELLED",
    b"2": "UNKNOWN",
    b"4": "DEADLINE_EXCEEDED",
    b"5": "NOT_FOUND: the server knows no such service",
    b"7": "PERMISSION_DENIED",
    b"8": "RESOURCE_EXHAUSTED",
    b"12": "UNIMPLEMENTED: the server has no health service",
    b"13": "INTERNAL",
    b"14": "UNAVAILABLE",
    b"16": "UNAUTHENTICATED",
}


class _GrpcAnswer:
    """The part of the answer received so far."""

    def __init__(self) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self.is_whole = False


async def probe(check: Check, attempt: Attempt) -> None:
    """Require the answer SERVING."""
    protocol = "gRPC over TLS" if check.tls else "gRPC"
    attempt.doing = f"{protocol} health of {check.name or 'the server'} from {target(check)}"
    async with streamed(check, attempt, alpn=("h2",) if check.tls else ()) as stream:
        if stream.tls is not None and stream.tls.selected_alpn_protocol() != "h2":
            raise Unexpected("does not offer HTTP/2 over TLS")
        connection = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        _ask(connection, check)
        answer = await _answered(connection, stream)
        _judge(answer)
        attempt.found = "SERVING"
        # The server may have closed the connection already.
        with suppress(H2Error, ConnectionError):
            connection.close_connection()
            await stream.send(connection.data_to_send())


def _ask(connection: H2Connection, check: Check) -> None:
    host = (check.tls.host if check.tls else "") or target(check)
    headers = {
        ":method": "POST",
        ":scheme": "https" if check.tls else "http",
        ":path": _PATH,
        ":authority": host,
        "te": "trailers",
        "content-type": "application/grpc",
        "user-agent": "palometa",
        "grpc-timeout": f"{check.limit_s}S",
    }
    connection.initiate_connection()
    number = connection.get_next_available_stream_id()
    connection.send_headers(number, list(headers.items()))
    message = _request(check.name.encode())
    connection.send_data(number, b"\0" + len(message).to_bytes(4, "big") + message, end_stream=True)


async def _answered(connection: H2Connection, stream: Stream) -> _GrpcAnswer:
    answer = _GrpcAnswer()
    size = 0
    while not answer.is_whole:
        # Settings and pings must be answered too.
        await stream.send(connection.data_to_send())
        data = await stream.some()
        size += len(data)
        if not data:
            raise Unexpected("closed before the end of the answer" if size else "closed without an answer")
        if size > READ_MAX:
            raise Unexpected(f"answered more than {READ_MAX} bytes")
        try:
            events = connection.receive_data(data)
        except H2Error as error:
            raise Unexpected(f"answered {quoted_bytes(data)}, which is not HTTP/2") from error
        for event in events:
            _take(answer, event)
    return answer


def _take(answer: _GrpcAnswer, event: Event) -> None:
    match event:
        case ResponseReceived() | TrailersReceived():
            answer.headers |= {bytes(name): bytes(value) for name, value in event.headers or ()}
        case DataReceived():
            answer.body += event.data or b""
        case StreamEnded():
            answer.is_whole = True
        case StreamReset():
            raise Unexpected(f"reset the request with HTTP/2 error {event.error_code}")
        case ConnectionTerminated() if not answer.is_whole:
            raise Unexpected(f"closed the connection with HTTP/2 error {event.error_code}")


def _judge(answer: _GrpcAnswer) -> None:
    status = answer.headers.get(b"grpc-status")
    if status is None:
        raise Unexpected(
            f"answered HTTP/2 status {answer.headers.get(b':status', b'').decode()} without a gRPC status"
        )
    if status != b"0":
        detail = unquote_to_bytes(answer.headers.get(b"grpc-message", b""))
        raise Unexpected(
            f"status {_STATUS.get(status, quoted_bytes(status)[1:-1])}"
            + (f", {quoted_bytes(detail)}" if detail else "")
        )
    health = _health(answer.body)
    if health != _SERVING:
        raise Unexpected(_HEALTH.get(health, f"health {health}"))


def _request(service: bytes) -> bytes:
    """Return HealthCheckRequest: the service is its field 1, a text, left out when it is empty."""
    if not service:
        return b""
    size = b""
    rest = len(service)
    while rest > 127:
        size += bytes([rest & 127 | 128])
        rest >>= 7
    return b"\x0a" + size + bytes([rest]) + service


def _health(body: bytes) -> int:
    """Return the status in HealthCheckResponse: its field 1, a number, left out when it is 0."""
    size, message = int.from_bytes(body[1:5], "big"), body[5:]
    if body[:1] != b"\0" or len(body) < 5 or size != len(message):
        raise Unexpected(f"answered {quoted_bytes(body)}, which is not one message")
    if not message:
        return 0
    if len(message) < 2 or message[0] != 0x08 or message[1] >= 128:
        raise Unexpected(f"answered {quoted_bytes(message)}, which is not a health")
    return message[1]
