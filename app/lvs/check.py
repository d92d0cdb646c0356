"""What a check of a real server is, and what came of it. Runs nothing and judges nothing."""

import enum
from dataclasses import dataclass

from app.lvs.values import Address


class CheckKind(enum.Enum):
    """How a server is asked; `app/host/probes` has one file for each."""

    TCP = "tcp"
    SEND_EXPECT = "send and expect"
    UDP = "udp"
    PROGRAM = "program"
    HTTP = "http"
    PING = "ping"


@dataclass(frozen=True, slots=True)
class HttpQuestion:
    """What is asked of a web server; `statuses` are ranges, ends included. An empty `host` is its address."""

    path: str
    host: str
    statuses: tuple[tuple[int, int], ...]
    is_tls: bool
    is_verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One test of one target; equal checks are run once and serve every virtual server that wants them.

    `interval_s` is the time between two starts, `limit_s` how long one may take. `send` and `expect` are what
    goes over the wire, escapes undone; `expect` None: no answer is waited for. `program` is a command line as
    lvs.cf has it.
    """

    kind: CheckKind
    address: Address
    port: int
    interval_s: int
    limit_s: int
    send: bytes = b""
    expect: bytes | None = None
    use_regex: bool = False
    program: str = ""
    http: HttpQuestion | None = None


class Outcome(enum.Enum):
    """NOT_RUN: the director could not ask, which says nothing about the server."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Result:
    """What one run found, with a sentence that says how far it came.

    `is_reached` tells that something answered, if only with a refusal: then the way there works.
    """

    outcome: Outcome
    message: str
    is_reached: bool
    duration_s: float = 0.0
