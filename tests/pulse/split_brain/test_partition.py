"""Two owners that do not hear each other, but talk: one gives way, and which; and until when."""

import time
from pathlib import Path

import pytest

from app.host.keepalived import GIVE_UP, Keepalived
from app.lvs.pair.vrrp import Vrrp
from app.lvs.reports.partner import PartnerSummary
from app.pulse.events.log import EventLog
from app.pulse.split_brain.partition import BEHIND_FOR_S, HEARD_FOR_S, REPORTED_LATER_S, TWO_FOR_S, Partition
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor
from app.pulse.vrrp.partner_status import ReportedPartner
from tests.lvs.pair.ready_partner import READY
from tests.lvs.pair.virtual_router import BACKUP, PRIMARY

OWNER: PartnerSummary = {**READY, "role": "owner", "has_addresses": True, "hears_owner": False, "ago_s": 0.0}
LONG_S = TWO_FOR_S + 1
LASTS_S = max(BEHIND_FOR_S, HEARD_FOR_S) + 0.1
STEP_AFTER = -7


class Router:
    """One of the two, owner for `owner_s` seconds; its engine's step is what keepalived is told."""

    def __init__(self, directory: Path, vrrp: Vrrp, owner_s: float | None = LONG_S) -> None:
        directory.mkdir(exist_ok=True)
        self.vrrp = vrrp
        self.owner_s = owner_s
        self.engine = KeepalivedSupervisor(Keepalived(directory), lambda: None)
        self.said = ReportedPartner()
        self.events = EventLog()
        self.announced = 0
        self.partition = Partition(self.engine, self.said, PairEvents(self.events), self._announce, lambda: ())

    def _announce(self) -> None:
        self.announced += 1

    def hears(
        self,
        word: PartnerSummary | None,
        vrrp_says: bool | None = False,
        reaches: bool | None = True,
        for_s: float = LASTS_S,
    ) -> int:
        """Hear that of the partner for so long, and return the step after it."""
        self.said.receive(word)
        now = time.monotonic()
        sign_at = None if self.owner_s is None else now - self.owner_s
        self.partition.reachability.somebody = reaches
        for at in (now - for_s, now):
            self.partition.settle(
                self.vrrp, "the other", sign_at, at, hears_owner=vrrp_says, step_after=STEP_AFTER
            )
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


def test_who_is_the_owner_no_longer_announces_nothing(primary: Router) -> None:
    primary.hears(OWNER)
    primary.owner_s = None
    primary.hears(OWNER)
    assert primary.announced == 1


@pytest.mark.parametrize("unknown", [True, None])
def test_the_one_that_nobody_answers_gives_way_whichever_it_is(tmp_path: Path, unknown: bool | None) -> None:
    cut_off: PartnerSummary = {**OWNER, "reaches": False}
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
        {**OWNER, "ago_s": LONG_S - REPORTED_LATER_S / 2},
    ],
    ids=["silent", "not the owner", "it hears this one", "older version", "said before"],
)
def test_nobody_gives_way_on_less(backup: Router, word: PartnerSummary | None) -> None:
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
        (None, False, "no longer has them"),
        ({**OWNER, "has_addresses": False}, False, "no longer has them"),
        ({**OWNER, "reaches": False}, False, "is cut off itself"),
    ],
)
def test_who_gave_way_takes_part_again(
    backup: Router, word: PartnerSummary | None, vrrp_says: bool, why: str
) -> None:
    backup.hears(OWNER)
    backup.owner_s = None
    assert backup.hears(OWNER) == GIVE_UP
    assert backup.hears(word, vrrp_says) == STEP_AFTER
    assert why in backup.events.events()[-1]["reason"]


def test_nobody_gives_way_for_a_moment_in_which_nobody_answered(primary: Router) -> None:
    assert primary.hears(OWNER, reaches=False, for_s=BEHIND_FOR_S / 2) == 0
    assert primary.hears(OWNER, reaches=True, for_s=0) == 0
    assert primary.hears(OWNER, reaches=False, for_s=BEHIND_FOR_S / 2) == 0


def test_one_advertisement_that_got_through_is_no_end_of_it(backup: Router) -> None:
    backup.hears(OWNER)
    assert backup.hears(OWNER, vrrp_says=True, for_s=HEARD_FOR_S / 2) == GIVE_UP
    assert backup.hears(OWNER, vrrp_says=False, for_s=0) == GIVE_UP
    assert backup.partition.is_yielding


def test_one_that_is_answered_again_leaves_them_to_the_other_that_serves(primary: Router) -> None:
    assert primary.hears(OWNER, reaches=False) == GIVE_UP
    assert primary.hears(OWNER, reaches=True) == GIVE_UP
    assert primary.hears({**OWNER, "reaches": False}, reaches=True) == STEP_AFTER


def test_what_another_has_set_meanwhile_is_set_back(backup: Router) -> None:
    backup.hears(OWNER)
    backup.engine.set_step(0)
    assert backup.hears(OWNER, for_s=0) == GIVE_UP


def test_what_the_other_said_before_it_gave_them_away_is_no_second_owner(primary: Router) -> None:
    primary.owner_s = 1.0
    primary.hears({**OWNER, "ago_s": 2.0})
    assert primary.announced == 0
    assert primary.events.events() == []
