"""The check of a real server and its result. Runs nothing and judges nothing."""

import enum
from dataclasses import dataclass, field

from app.lvs.model.check_kinds import ProbeKind
from app.lvs.model.values import Address

BYTES = "surrogateescape"
"""The error handler that keeps bytes in a text that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """The request to a web server; `statuses` are inclusive ranges. An empty `host` stands for the address.

    `headers` are additional lines of the request, without line ends.
    """

    path: str
    host: str
    statuses: tuple[tuple[int, int], ...]
    method: str = "GET"
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """How TLS is used: the server name `host` (empty: the address), whether the certificate is verified for it,
    and the number of days for which it must remain valid (0: not checked)."""

    host: str = ""
    is_verified: bool = False
    days_min: int = 0


@dataclass(frozen=True, slots=True)
class Login:
    """The user that logs in."""

    user: str
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One test of one target; equal checks run once and serve every virtual server that uses them.

    `interval_s` is the time between two starts, `limit_s` how long one may take, `retry_s` the time to the next
    start after a failure while that may still change the state (None: `interval_s`). `source` and `interface` are
    the source address and interface, if not chosen by the kernel. `send` and `expect` are the bytes on the wire,
    with escapes resolved; with `expect` None, no answer is awaited. `program` is a command line as in lvs.cf, with
    bytes that are not UTF-8 kept by the error handler BYTES.
    `name` and `record_type` are what a protocol requests.
    """

    kind: ProbeKind
    address: Address
    port: int
    interval_s: int
    limit_s: int
    retry_s: int | None = None
    source: Address | None = None
    interface: str = ""
    send: bytes = b""
    expect: bytes | None = None
    use_regex: bool = False
    program: str = ""
    http: HttpRequest | None = None
    tls: TlsSettings | None = None
    login: Login | None = None
    secret: bytes = field(default=b"", repr=False)
    name: str = ""
    record_type: str = ""
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Cache the hash: a check is looked up often, and hashing its address alone takes a microsecond."""
        key = (self.kind, int(self.address), self.port, self.interval_s, self.limit_s, self.name, self.program)
        object.__setattr__(self, "_hash", hash(key))

    def __hash__(self) -> int:
        return self._hash


class Outcome(enum.Enum):
    """NOT_RUN: the director could not run the check, which says nothing about the server."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one run, with a message that says how far it got.

    `is_reached`: something answered, if only with a rejection, so the network path works. `agent_line` is a load
    agent's answer.
    """

    outcome: Outcome
    message: str
    is_reached: bool
    duration_s: float = 0.0
    agent_line: str = ""


RECORD_TYPES = (
    *("A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"),
    *("CAA", "DNSKEY", "DS", "HTTPS", "NAPTR", "SVCB", "TLSA"),
)
