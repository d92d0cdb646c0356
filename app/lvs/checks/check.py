"""What a check of a real server is, and what came of it. Runs nothing and judges nothing."""

import enum
from dataclasses import dataclass, field

from app.lvs.model.check_kinds import ProbeKind
from app.lvs.model.values import Address


@dataclass(frozen=True, slots=True)
class HttpQuestion:
    """What is asked of a web server; `statuses` are ranges, ends included. An empty `host` is its address.

    `headers` are more lines of the request, without line ends.
    """

    path: str
    host: str
    statuses: tuple[tuple[int, int], ...]
    method: str = "GET"
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TlsQuestion:
    """How TLS is begun: the `host` asked for (empty: the address), whether its certificate has to be valid for it,
    and the days it has to be valid on (0: not looked at)."""

    host: str = ""
    is_verified: bool = False
    days_min: int = 0


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in."""

    user: str
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One test of one target; equal checks are run once and serve every virtual server that wants them.

    `interval_s` is the time between two starts, `limit_s` how long one may take, `retry_s` the time to the next
    start after a failure while that may still change something (None: `interval_s`). `source` and `interface` are
    where it leaves this director, if not where the kernel would have it. `send` and `expect` are what goes over
    the wire, escapes undone; `expect` None: no answer is waited for. `program` is a command line as lvs.cf has it.
    `name` and `record_type` are what a protocol asks for.
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
    http: HttpQuestion | None = None
    tls: TlsQuestion | None = None
    login: Login | None = None
    secret: bytes = field(default=b"", repr=False)
    name: str = ""
    record_type: str = ""
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep the hash: a check is looked up many times, and hashing its address alone takes a microsecond."""
        asked = (self.kind, int(self.address), self.port, self.interval_s, self.limit_s, self.name, self.program)
        object.__setattr__(self, "_hash", hash(asked))

    def __hash__(self) -> int:
        return self._hash


class Outcome(enum.Enum):
    """NOT_RUN: the director could not ask, which says nothing about the server."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Result:
    """What one run found, with a sentence that says how far it came.

    `is_reached` tells that something answered, if only with a refusal: then the way there works. `said` is the
    line of a load agent.
    """

    outcome: Outcome
    message: str
    is_reached: bool
    duration_s: float = 0.0
    said: str = ""


RECORD_TYPES = (
    *("A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"),
    *("CAA", "DNSKEY", "DS", "HTTPS", "NAPTR", "SVCB", "TLSA"),
)
