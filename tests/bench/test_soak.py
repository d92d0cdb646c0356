"""What `make soak` calls lost."""

from bench.soak.editor import Sent
from bench.soak.losses import MOVED_WITHIN_S, lost_changes, possible_weights, unexplained
from lab.asker import Request

FIRST = Sent(weight=1, serial_no=11, is_refused=False, answer="200: saved")
REFUSED = Sent(weight=2, serial_no=0, is_refused=True, answer="503: the database is locked")
UNANSWERED = Sent(weight=3, serial_no=0, is_refused=False, answer="ConnectionResetError")
LAST = Sent(weight=4, serial_no=12, is_refused=False, answer="200: saved")


def test_what_was_acknowledged_and_is_in_the_history_is_not_lost() -> None:
    assert not lost_changes("mia", [FIRST, REFUSED, UNANSWERED, LAST], {11: "mia", 12: "mia", 13: "jon"})


def test_what_was_acknowledged_and_is_not_in_the_history_is_lost() -> None:
    (lost,) = lost_changes("mia", [FIRST, LAST], {11: "mia"})
    assert lost == "weight 4 was acknowledged with serial 12, which the history does not have"


def test_what_has_the_serial_of_somebody_elses_change_is_lost() -> None:
    (lost,) = lost_changes("mia", [FIRST], {11: "jon"})
    assert lost == "weight 1 was acknowledged with serial 11, which is by jon"


def test_the_last_acknowledged_weight_holds_unless_one_nobody_waited_for_is_newer() -> None:
    assert possible_weights("mia", [FIRST, UNANSWERED, LAST], {11: "mia", 12: "mia", 13: "jon"}) == {4}
    assert possible_weights("mia", [FIRST, REFUSED, UNANSWERED, LAST], {11: "mia", 12: "mia", 13: "mia"}) == {3}
    assert possible_weights("mia", [REFUSED, UNANSWERED], {13: "mia"}) == {3}


def test_requests_may_fail_only_while_a_killed_keepaliveds_address_is_on_its_way() -> None:
    answered, early, moving, late = (
        Request(began=began, ended=began + 3, by="", failure=failure)
        for began, failure in ((101.0, ""), (98.0, "reset"), (109.0, "reset"), (111.0 + MOVED_WITHIN_S, "reset"))
    )
    assert unexplained([answered, early, moving, late], [(100.0, 110.0)]) == [early, late]
    assert unexplained([moving], []) == [moving]
