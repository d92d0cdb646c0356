"""The control verb ``test``: runs the checks of some real servers once and reports every step. Changes no state.

The request is an lvs.cf and goes through the same grammar and rules as the file, so it cannot run anything that a
saved lvs.cf could not run as well.
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.host.probes.prober import Prober
from app.host.probes.transport.attempt import Step
from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.checks.expect import SHOWN_MAX, quoted_bytes
from app.lvs.checks.from_config import checks_of, load_check_of
from app.lvs.checks.origin import CheckOrigin
from app.lvs.grammar.reader import encode, parse
from app.lvs.keywords.check_keys import CHECK_KEYWORDS
from app.lvs.keywords.secret_keys import COVER
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.reports.check_test import CheckTrialReport, ServerTrialReport, TrialReport
from app.lvs.rules.rulebook import check as check_config
from app.pulse.process.control import VerbRefused, read_arguments

SERVERS_MAX = 16
AT_ONCE = 4
"""Requests served at a time; each runs all its checks at once."""
CHECKS_MAX = 64
LIMIT_S = 20
"""The longest a check may take here; a longer limit is reduced to this."""
TURN_S = 4.0
"""How long a check, such as a program, may additionally wait for its turn."""

_CHECK_KEYS = frozenset(
    {
        *(keyword.name for keyword in CHECK_KEYWORDS),
        *("send", "expect", "use_regex", "send_program", "timeout", "reentry"),
        *("port", "protocol", "fwmark", "network", "load_monitor", "load_port"),
    }
)
"""The keys of a virtual server in which an error prevents a check."""

_CREDENTIALS = re.compile(r"(authorization: *\w+ +)[^\s'\\]+", re.IGNORECASE)
"""In a request that may be cut off in the middle of a secret, so that the whole secret is not found."""


@dataclass(frozen=True, slots=True)
class CheckTestArguments:
    """The arguments of the verb "test": an lvs.cf with one virtual server, and which of its servers; None: all.

    `is_latin1`: the saved file is Latin-1.
    """

    text: str
    index: int | None = None
    is_latin1: bool = False


class CheckTest:
    """Answers the verb."""

    def __init__(self, prober: Prober) -> None:
        self._prober = prober
        self._open = 0

    async def test(self, request: Mapping[str, Any]) -> TrialReport:
        """Run the checks of the virtual server in ``text``: of server ``index``, or of all. Raises VerbRefused."""
        config, indexes = _parse_request(request)
        if self._open >= AT_ONCE:
            raise VerbRefused(f"{self._open} tests are already running: try again when one of them has finished.")
        self._open += 1
        try:
            return {"servers": await self._servers(config, indexes)}
        finally:
            self._open -= 1

    async def _servers(self, config: Config, indexes: list[int]) -> list[ServerTrialReport]:
        virtual, origin = config.virtual[0], CheckOrigin(config)
        planned = [(virtual.server[index], _checks(config, virtual, virtual.server[index])) for index in indexes]
        count = sum(len(checks) for _, checks in planned)
        if count > CHECKS_MAX:
            raise VerbRefused(
                f"these servers have {count} checks, but at most {CHECKS_MAX} are run at a time: test one server"
            )
        async with asyncio.TaskGroup() as group:
            running = [
                (server.name, [group.create_task(self._run(check, origin)) for check in checks])
                for server, checks in planned
            ]
        return [{"name": name, "checks": [task.result() for task in tasks]} for name, tasks in running]

    async def _run(self, check: Check, origin: CheckOrigin) -> CheckTrialReport:
        cut = replace(check, limit_s=min(check.limit_s, LIMIT_S))
        steps: list[Step] = []
        try:
            async with asyncio.timeout(cut.limit_s + TURN_S):
                result, steps = await self._prober.trace(cut, origin)
        except TimeoutError:
            text = f"{check.kind.report_name}: pulse was too busy to run it within {TURN_S:g} s; try again"
            result = Result(Outcome.NOT_RUN, text, is_reached=False, duration_s=cut.limit_s + TURN_S)
        if cut.limit_s < check.limit_s:
            note = f"timeout: {cut.limit_s} s for this test, otherwise {check.limit_s} s"
            steps = [Step(0.0, note), *steps]
        return _report(cut, result, steps)


def _parse_request(request: Mapping[str, Any]) -> tuple[Config, list[int]]:
    """Return the configuration and which of its servers to test; raise VerbRefused."""
    asked = read_arguments(request, CheckTestArguments)
    # No names are resolved: a request must not wait for DNS, and the client has the addresses.
    reading = parse(encode(asked.text, is_latin1=asked.is_latin1))
    config = reading.config
    if config is None or len(config.virtual) != 1:
        errors = [problem for problem in reading.problems if problem.severity is Severity.ERROR]
        raise VerbRefused(_sentences(errors) or "'test' requires an lvs.cf with exactly one virtual server")
    servers = config.virtual[0].server
    indexes = list(range(len(servers))) if asked.index is None else [asked.index]
    if len(indexes) > SERVERS_MAX:
        raise VerbRefused(f"{len(indexes)} servers are too many: at most {SERVERS_MAX} can be tested at a time")
    if any(not 0 <= index < len(servers) for index in indexes):
        raise VerbRefused(
            f"there is no server {asked.index}: the virtual server has {len(servers)}, counted from 0"
        )
    return _checked(config, frozenset(indexes)), indexes


def _checked(config: Config, indexes: frozenset[int]) -> Config:
    """Return `config` with the servers at `indexes` active, as these are tested; raise VerbRefused on an error."""
    virtual = config.virtual[0]
    servers = tuple(
        replace(server, active=True) if index in indexes else server for index, server in enumerate(virtual.server)
    )
    config = replace(config, virtual=(replace(virtual, server=servers),))
    errors = [
        problem
        for problem in check_config(config)
        if problem.severity is Severity.ERROR and _prevents_test(problem.path, indexes)
    ]
    if errors:
        raise VerbRefused(_sentences(errors))
    return config


def _prevents_test(path: Path, indexes: frozenset[int]) -> bool:
    match path:
        case ("virtual", 0, "server", int(index), *_):
            return index in indexes
        case ("virtual", 0, str(key), *_):
            return key in _CHECK_KEYS
    return False


def _sentences(errors: list[Problem]) -> str:
    return " ".join(error.message for error in errors[:3])


def _checks(config: Config, virtual: VirtualServer, server: RealServer) -> list[Check]:
    network = effective(config, "network")
    load = load_check_of(virtual, server)
    return [*checks_of(virtual, server, network), *([load] if load else [])]


def _report(check: Check, result: Result, steps: list[Step]) -> CheckTrialReport:
    secrets = sorted(_secrets(check), key=len, reverse=True)
    return {
        "kind": check.kind.report_name,
        "target": f"{check.address} port {check.port}" if check.kind.row.has_port else str(check.address),
        "outcome": result.outcome.value,
        "message": _covered(result.message, secrets),
        "duration_ms": round(result.duration_s * 1000, 1),
        "steps": [{"at_ms": round(step.at_s * 1000, 1), "text": _covered(step.text, secrets)} for step in steps],
    }


def _secrets(check: Check) -> Iterator[str]:
    """Yield the forms in which the password or secret of `check` may appear in a text."""
    if check.login is not None and check.login.password:
        yield from _forms(check.login.password.encode())
        yield b64encode(f"{check.login.user}:{check.login.password}".encode()).decode()
    if check.secret:
        yield from _forms(check.secret)


def _forms(secret: bytes) -> Iterator[str]:
    yield secret.decode(errors="replace")
    yield quoted_bytes(secret[:SHOWN_MAX])[1:-1]


def _covered(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        if secret:
            text = text.replace(secret, COVER)
    return _CREDENTIALS.sub(rf"\1{COVER}", text)
