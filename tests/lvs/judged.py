"""A judgement to be told results, one after another, with the table it leads to."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.desired.table import desired
from app.lvs.health.judge import HealthJudge
from app.lvs.health.transitions import DirectorIsolation, HealthEvent, ServerNotice, Transition
from app.lvs.ipvs.ipvsadm import saved
from app.lvs.ipvs.table import Table
from app.lvs.model.check_kinds import LoadKind, ProbeKind
from app.lvs.model.config import Config
from tests.lvs.samples import config, server, virtual

PASSED = Result(Outcome.PASSED, "TCP connect: connected", is_reached=True)
REFUSED = Result(Outcome.FAILED, "TCP connect: refused", is_reached=True)
SILENT = Result(Outcome.FAILED, "TCP connect: no answer within 10 s", is_reached=False)
CLOCK_S = 1_800_000_000.0
NOT_RUN = Result(Outcome.NOT_RUN, "no descriptors left", is_reached=False)

SORRY = ip_address("192.0.2.99")
UNTIL = "2027-01-15T08:01Z"
"""One minute after CLOCK_S."""
AGENT = {"load_monitor": "agent", "load_port": 3333}


class Director:
    """A judgement with the table it leads to."""

    def __init__(self, config: Config, table: Table | None = None) -> None:
        self.config = config
        self.judge = HealthJudge()
        self.now = 100.0
        self.began = self.now
        self.judge.apply_config(config, table or {}, self.now, CLOCK_S)

    @property
    def clock_s(self) -> float:
        return CLOCK_S + self.now - self.began

    def check(self, number: int, kind: ProbeKind | None = None) -> Check:
        """Return the first check of server `number`, or that of `kind`; its load agent only if it is asked for."""
        address = ip_address(f"192.0.2.{10 + number}")
        return next(
            check
            for check in self.judge.checks
            if check.address == address and (check.kind is kind if kind else check.kind is not LoadKind.AGENT)
        )

    def hear(self, number: int, result: Result, after_s: float = 1.0, kind: ProbeKind | None = None) -> list[Any]:
        """Tell the result of a check of server `number`, some time after the last one."""
        self.now += after_s
        return self.judge.judge(self.check(number, kind), result, self.now)

    def wait(self, seconds: float) -> list[Any]:
        """Let time pass in which nothing is heard."""
        self.now += seconds
        return self.judge.tick(self.now, self.clock_s)

    def change(self, config: Config) -> list[Any]:
        """Follow another configuration, with the kernel at what the last one wanted."""
        table, self.config = self.table, config
        return self.judge.apply_config(config, table, self.now, self.clock_s)

    @property
    def table(self) -> Table:
        return desired(self.config, health=self.judge.health)

    @property
    def said(self) -> list[str]:
        """The servers in the table: last part of the address, and weight."""
        return [
            f"{word[5].removeprefix('192.0.2.').removesuffix(':80')} {word[8] if len(word) > 8 else '?'}"
            for word in (line.replace("-a", "x -a").split() for line in saved(self.table))
            if word[0] == "x"
        ]


def kinds(events: Iterable[HealthEvent]) -> list[str]:
    """Return the events in short: what happened, and to which server."""
    return [_kind(event) for event in events]


def _kind(event: HealthEvent) -> str:
    match event:
        case Transition(is_up=is_up):
            return f"{'up' if is_up else 'down'} {event.server}"
        case DirectorIsolation(is_on=is_on):
            return "suspicion" if is_on else "trust"
        case ServerNotice():
            return f"{event.kind} {event.server}".strip()


def director(*in_already: int, **rules: Any) -> Director:
    """Return the director of one service with these rules, with these servers in."""
    made = Director(config(virtual(**{"reentry": 0, **rules})))
    for number in in_already:
        made.hear(number, PASSED)
    return made


def weights(count: int, weight: int = 10, **changes: Any) -> dict[str, Any]:
    return {"server": tuple(server(number, weight=weight, **changes) for number in range(1, count + 1))}


def says(words: str) -> Result:
    return Result(Outcome.PASSED, f"load agent: says {words}", is_reached=True, agent_line=words)


def answer(duration_s: float) -> Result:
    return replace(PASSED, duration_s=duration_s)
