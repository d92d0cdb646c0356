"""That both routers or none have the virtual IPs is told when it lasts, and not while a pair settles."""

from app.lvs.pair.split_brain import OwnershipEvidence
from app.pulse.events.log import EventLog
from app.pulse.split_brain.detector import LASTS_S, SETTLES_S, SplitBrainDetector
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.partner_status import ReportedPartner
from tests.pulse.partner_word import WORD

ONE = OwnershipEvidence(own=True, vrrp=False, partner=False, probe="")
TWO = OwnershipEvidence(own=True, vrrp=True, partner=True, probe="02:00:00:00:00:09")
NOBODY = OwnershipEvidence(own=False, vrrp=False, partner=False, probe="")


class Watched:
    """A watch, and the moments it was told of."""

    def __init__(self) -> None:
        self.events = EventLog()
        self.watch = SplitBrainDetector(PairEvents(self.events))

    def see(self, witnesses: OwnershipEvidence | None, at: float, *, is_settling: bool = False) -> str:
        self.watch.evaluate(witnesses, "10.0.0.3", at, silence_s=1.5, is_settling=is_settling)
        return self.watch.dispute

    def told(self) -> list[str]:
        return [event["reason"].split(".")[0] for event in self.events.events()]


def test_a_transition_is_not_told_and_what_lasts_is_once_with_its_end() -> None:
    watched = Watched()
    assert watched.see(TWO, 0) == ""
    assert watched.see(ONE, LASTS_S - 0.1) == ""
    assert watched.see(TWO, 10) == ""
    assert watched.see(TWO, 10 + LASTS_S) == "two"
    assert watched.see(TWO, 20) == "two"
    assert watched.watch.report()["sentence"].startswith("Split brain")
    assert watched.see(ONE, 21) == ""
    assert watched.told() == [
        "Split brain: this router and 10",
        "only one router has the virtual IPs again",
    ]


def test_a_pair_that_settles_has_no_owner_for_a_while_and_that_is_no_news() -> None:
    watched = Watched()
    for second in range(10):
        assert watched.see(NOBODY, second, is_settling=True) == ""
    assert watched.see(ONE, 10) == ""
    assert watched.told() == []


def test_a_router_that_has_just_settled_has_the_time_to_take_over() -> None:
    watched = Watched()
    for second in range(10):
        assert watched.see(NOBODY, second, is_settling=True) == ""
    assert watched.see(NOBODY, 10) == ""
    assert watched.see(NOBODY, 9 + 1.5 + LASTS_S - 0.1) == ""
    assert watched.see(ONE, 9 + 1.5 + LASTS_S) == ""
    assert watched.told() == []
    watched.see(NOBODY, 20)
    assert watched.see(NOBODY, 20 + LASTS_S) == "nobody"


def test_a_pair_that_never_settles_is_told_of() -> None:
    watched = Watched()
    watched.see(NOBODY, 0, is_settling=True)
    assert watched.see(NOBODY, 1.5 + SETTLES_S, is_settling=True) == "nobody"
    assert watched.see(NOBODY, 30, is_settling=True) == "nobody"


def test_two_owners_of_a_pair_that_settles_are_told_of() -> None:
    watched = Watched()
    watched.see(TWO, 0, is_settling=True)
    assert watched.see(TWO, LASTS_S, is_settling=True) == "two"


def test_a_pair_that_is_switched_off_has_no_owners_to_tell_of() -> None:
    watched = Watched()
    watched.see(TWO, 0)
    watched.see(TWO, LASTS_S)
    assert watched.see(None, 10) == ""
    assert watched.watch.report()["own"] is None
    assert len(watched.told()) == 1


def test_what_is_brought_of_the_partner_is_kept_and_nothing_that_is_no_word() -> None:
    said = ReportedPartner()
    said.receive(WORD)
    assert said.now == WORD
    for wrong in (None, 7, {}, {"role": "x" * 65}, {"connections": -1}, {"is_same": 2}, {"applied": True}):
        said.receive(dict(WORD) | wrong if isinstance(wrong, dict) and wrong else wrong)
        assert said.now is None
