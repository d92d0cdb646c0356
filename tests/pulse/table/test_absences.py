"""What should get clients and is not in the kernel is told of once, and once more when it is there."""

import errno
from dataclasses import replace
from ipaddress import ip_address

from app.host.ipvs.step_error import StepFailed, step_failed
from app.lvs.desired.table import DesiredWeights, desired
from app.lvs.ipvs.plan import AddDestination, AddService, SetDestination
from app.lvs.ipvs.table import Destination, ServiceKey, Table
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.values import Floating
from app.pulse.events.log import EventLog
from app.pulse.table.absences import AT_WEIGHT_0, NOT_THERE, Absences
from app.pulse.table.keeper import Convergence

WEB = VirtualServer(
    name="web",
    active=True,
    address=Floating(ip_address("192.0.2.1"), "eth0:1"),
    port=80,
    server=tuple(
        RealServer(name=f"web{n}", address=ip_address("10.0.0.0") + n, active=True, weight=1) for n in (1, 2)
    ),
)
CONFIG = Config(virtual=(WEB,))
WANTED = desired(CONFIG)
[KEY] = WANTED
ONE, TWO = WANTED[KEY].destinations
REFUSED = step_failed(AddDestination(KEY, TWO), errno.EINVAL)


class Looking:
    """Absences with their events, looked at after one convergence after the other."""

    def __init__(self) -> None:
        self.log = EventLog()
        self.absences = Absences(self.log)

    def look(
        self,
        table: Table,
        *failed: StepFailed,
        wanted: Table = WANTED,
        unread: frozenset[ServiceKey] = frozenset(),
    ) -> list[tuple[str, str, str, str, str]]:
        """Return what is told in addition after a convergence that left `table`."""
        before = len(self.log.events())
        failures: dict[ServiceKey, tuple[StepFailed, ...]] = {} if table == wanted or unread else {KEY: failed}
        self.absences.look(CONFIG, wanted, table, Convergence(failures=failures, unread=unread))
        return [
            (event["kind"], event["virtual"], event["server"], event["target"], event["reason"])
            for event in self.log.events()[before:]
        ]


def holding(*destinations: Destination) -> Table:
    return {KEY: replace(WANTED[KEY], destinations=destinations)}


def test_a_server_that_the_kernel_refuses_is_told_of_once_with_its_reason_and_again_when_it_is_there() -> None:
    looking = Looking()
    reason = f"it gets no clients: {REFUSED.message}"
    assert looking.look(holding(ONE), REFUSED) == [("missing", "web", "web2", "10.0.0.2:80", reason)]
    assert looking.absences.reasons == {(KEY, TWO.key): REFUSED.message}
    assert looking.look(holding(ONE), REFUSED) == []
    assert looking.look(holding(ONE)) == []
    assert looking.absences.reasons == {(KEY, TWO.key): NOT_THERE}
    entered = ("entered", "web", "web2", "10.0.0.2:80", "the kernel has it now")
    assert looking.look(WANTED) == [entered]
    assert looking.look(WANTED) == []


def test_a_service_that_the_kernel_refuses_is_told_of_itself_and_not_each_of_its_servers() -> None:
    looking, refused = Looking(), step_failed(AddService(WANTED[KEY]), errno.ENOENT)
    [(kind, virtual, server, target, reason)] = looking.look({}, refused)
    assert (kind, virtual, server, target) == ("missing", "web", "", "TCP 192.0.2.1:80")
    assert reason.startswith(
        "it gets no clients: cannot add the service TCP 192.0.2.1:80: the kernel has no scheduler"
    )
    assert [event[:3] for event in looking.look(holding(ONE))] == [
        ("entered", "web", ""),
        ("missing", "web", "web2"),
    ]


def test_a_server_that_stays_at_weight_0_is_missing_too() -> None:
    looking = Looking()
    refused = step_failed(SetDestination(KEY, TWO), errno.ENOMEM)
    assert looking.look(holding(ONE, replace(TWO, weight=0)), refused)[0][0] == "missing"
    looking.look(holding(ONE, replace(TWO, weight=0)))
    assert looking.absences.reasons == {(KEY, TWO.key): AT_WEIGHT_0}
    assert looking.look(holding(ONE, replace(TWO, weight=7)))[0][0] == "entered"


def test_a_server_that_is_not_to_get_clients_any_more_is_missed_no_longer() -> None:
    looking = Looking()
    looking.look(holding(ONE), REFUSED)
    quiesced = holding(ONE, replace(TWO, weight=0))
    assert looking.look(holding(ONE), wanted=quiesced) == []
    assert not looking.absences.reasons
    assert looking.look(holding(ONE), REFUSED)[0][0] == "missing"


def test_of_a_service_that_cannot_be_read_what_was_known_last_holds() -> None:
    looking = Looking()
    looking.look(holding(ONE), REFUSED)
    assert looking.look(holding(ONE), unread=frozenset({KEY})) == []
    assert looking.absences.reasons == {(KEY, TWO.key): REFUSED.message}
    assert looking.look(WANTED)[0][0] == "entered"


def test_a_sorry_server_is_called_that() -> None:
    sorry = replace(WEB, sorry_server=ip_address("10.0.0.9"), quorum=1)
    config = Config(virtual=(sorry,))
    wanted = desired(config, health=[DesiredWeights((None, None), sorry=True)])
    log = EventLog()
    Absences(log).look(config, wanted, holding(), Convergence(failures={KEY: ()}))
    assert [(event["server"], event["target"]) for event in log.events()] == [("sorry server", "10.0.0.9:80")]
