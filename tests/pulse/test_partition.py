"""Two owners that do not hear each other, but talk: one gives way, and which; and until when."""

import time
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.host.keepalived import GIVE_UP, Keepalived
from app.lvs.partner_report import PartnerWord
from app.lvs.vrrp import Vrrp
from app.pulse.event_log import EventLog
from app.pulse.pair_events import PairEvents
from app.pulse.partition import SAID_LATER_S, TWO_FOR_S, Partition
from app.pulse.partner_said import PartnerSaid
from app.pulse.vrrp_engine import VrrpEngine
from tests.lvs.test_obstacles import READY

BACKUP = Vrrp(36, 100, 100, False, 0, "eth0", ip_address("192.0.2.2"), ip_address("192.0.2.1"), True, ())
PRIMARY = replace(BACKUP, priority=150)
OWNER: PartnerWord = {**READY, "role": "owner", "has_addresses": True, "ago_s": 0.0}
LONG_S = TWO_FOR_S + 1


class Router:
    """One of the two, owner for `owner_s` seconds; its engine's step is what keepalived is told."""

    def __init__(self, directory: Path, vrrp: Vrrp, owner_s: float | None = LONG_S) -> None:
        directory.mkdir(exist_ok=True)
        self.vrrp = vrrp
        self.owner_s = owner_s
        self.engine = VrrpEngine(Keepalived(directory), lambda: None)
        self.said = PartnerSaid()
        self.events = EventLog()
        self.announced = 0
        self.partition = Partition(self.engine, self.said, PairEvents(self.events), self._announce)

    def _announce(self) -> None:
        self.announced += 1

    def hears(self, word: PartnerWord | None, vrrp_says: bool | None = False, reaches: bool | None = True) -> int:
        """Hear that of the partner, and return the step after it."""
        self.said.hear(word)
        now = time.monotonic()
        sign_at = None if self.owner_s is None else now - self.owner_s
        self.partition.reachability.somebody = reaches
        self.partition.settle(self.vrrp, "the other", sign_at, now, hears_owner=vrrp_says)
        return self.engine.step()


@pytest.fixture
def backup(tmp_path: Path) -> Router:
    return Router(tmp_path / "backup", BACKUP)


@pytest.fixture
def primary(tmp_path: Path) -> Router:
    return Router(tmp_path / "primary", PRIMARY)


def test_the_backup_gives_way_and_the_primary_goes_on_and_announces(backup: Router, primary: Router) -> None:
    assert backup.hears(OWNER) == GIVE_UP
    assert primary.hears(OWNER) == 0
    assert (backup.announced, primary.announced) == (0, 1)
    primary.hears({**OWNER, "has_addresses": False})
    assert primary.announced == 2


@pytest.mark.parametrize("unknown", [True, None])
def test_the_one_that_nobody_answers_gives_way_whichever_it_is(tmp_path: Path, unknown: bool | None) -> None:
    cut_off: PartnerWord = {**OWNER, "reaches": False}
    assert Router(tmp_path / "a", BACKUP).hears(cut_off, reaches=unknown) == 0
    assert Router(tmp_path / "b", PRIMARY).hears({**OWNER, "reaches": unknown}, reaches=False) == GIVE_UP
    assert Router(tmp_path / "c", BACKUP).hears(cut_off, reaches=False) == GIVE_UP


@pytest.mark.parametrize(
    "word",
    [
        None,
        {**OWNER, "has_addresses": False},
        {**OWNER, "hears_owner": True},
        {**OWNER, "hears_owner": None},
        {**OWNER, "ago_s": LONG_S - SAID_LATER_S / 2},
    ],
    ids=["silent", "not the owner", "it hears this one", "older version", "said before"],
)
def test_nobody_gives_way_on_less(backup: Router, word: PartnerWord | None) -> None:
    assert backup.hears(word) == 0


@pytest.mark.parametrize("vrrp_says", [True, None])
def test_nobody_gives_way_that_hears_the_other_or_cannot(backup: Router, vrrp_says: bool | None) -> None:
    assert backup.hears(OWNER, vrrp_says) == 0


@pytest.mark.parametrize("owner_s", [None, TWO_FOR_S / 2])
def test_nobody_gives_way_that_is_no_owner_or_has_just_become_one(backup: Router, owner_s: float | None) -> None:
    backup.owner_s = owner_s
    assert backup.hears(OWNER) == 0


@pytest.mark.parametrize(
    ("word", "vrrp_says", "why"),
    [
        (OWNER, True, "is heard again"),
        (None, False, "does not have them any more"),
        ({**OWNER, "has_addresses": False}, False, "does not have them any more"),
        ({**OWNER, "reaches": False}, False, "is cut off itself"),
    ],
)
def test_who_gave_way_takes_part_again(
    backup: Router, word: PartnerWord | None, vrrp_says: bool, why: str
) -> None:
    backup.hears(OWNER)
    backup.owner_s = None
    assert backup.hears(OWNER) == GIVE_UP
    assert backup.hears(word, vrrp_says) == 0
    assert why in backup.events.events()[-1]["reason"]
