"""Descent of revisions: the older never overwrites the newer, whatever two routers go through."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from app.lvs.pair.lineage import NOTHING, LineageLink, Relation, RevisionId, descent, standing


def version(serial_no: int, content: str = "a") -> RevisionId:
    return RevisionId(serial_no, content)


@dataclass
class Router:
    """One router's memory: every revision it knows, and the one it has."""

    head: RevisionId = NOTHING
    known: dict[RevisionId, tuple[RevisionId, ...]] = field(default_factory=dict)

    def accept(self, content: str, *more: RevisionId) -> None:
        serial_no = max(self.head.serial_no, *(parent.serial_no for parent in more), 0) + 1
        new = version(serial_no, content)
        self.known[new] = tuple(parent for parent in (self.head, *more) if not parent.is_nothing)
        self.head = new

    def descent_to(self, older: RevisionId) -> list[LineageLink] | None:
        return descent(self.head, older, self.known.get)

    def take(self, sender: "Router") -> None:
        links = sender.descent_to(self.head)
        assert links is not None
        self.known |= {link.version: link.parents for link in links}
        self.head = sender.head


def stand(mine: Router, theirs: Router) -> Relation:
    return standing(
        mine.head,
        theirs.head,
        is_theirs_mine=mine.descent_to(theirs.head) is not None,
        is_mine_theirs=theirs.descent_to(mine.head) is not None,
    )


def test_a_router_that_has_nothing_is_behind_everybody() -> None:
    mine, theirs = Router(), Router()
    assert stand(mine, theirs) is Relation.AGREED
    theirs.accept("x")
    assert (stand(mine, theirs), stand(theirs, mine)) == (Relation.BEHIND, Relation.AHEAD)


def test_who_was_away_for_three_revisions_is_behind() -> None:
    mine, theirs = Router(), Router()
    mine.accept("x")
    theirs.take(mine)
    for content in "abc":
        mine.accept(content)
    assert stand(theirs, mine) is Relation.BEHIND
    links = mine.descent_to(theirs.head)
    assert links is not None
    assert [link.version.fingerprint for link in links] == ["c", "b", "a"]


def test_the_same_serial_with_another_content_is_no_agreement() -> None:
    mine, theirs = Router(), Router()
    mine.accept("x")
    theirs.take(mine)
    mine.accept("mine")
    theirs.accept("theirs")
    assert stand(mine, theirs) is Relation.DIVERGED
    theirs.accept("a higher serial is not newer")
    assert stand(mine, theirs) is stand(theirs, mine) is Relation.DIVERGED


def test_the_choice_of_a_person_is_newer_than_both() -> None:
    mine, theirs = Router(), Router()
    mine.accept("mine")
    theirs.accept("theirs")
    theirs.accept("theirs again")
    mine.accept("chosen", theirs.head)
    assert mine.head.serial_no == 3
    assert stand(mine, theirs) is Relation.AHEAD
    theirs.take(mine)
    assert stand(mine, theirs) is Relation.AGREED


def test_a_router_put_back_from_a_backup_takes_what_it_had_lost() -> None:
    mine, theirs = Router(), Router()
    mine.accept("x")
    theirs.take(mine)
    mine.accept("y")
    theirs.take(mine)
    mine = Router(version(1, "x"), {version(1, "x"): ()})
    assert stand(mine, theirs) is Relation.BEHIND
    mine.accept("another y")
    assert stand(mine, theirs) is Relation.DIVERGED


STEPS = st.lists(
    st.tuples(st.sampled_from(("accept", "exchange", "choose", "put back")), st.integers(0, 1)), max_size=40
)


@given(STEPS)
def test_nothing_is_ever_overwritten_by_what_does_not_descend_from_it(
    steps: list[tuple[str, int]],
) -> None:
    routers = [Router(), Router()]
    backups = [Router(), Router()]
    everything: dict[RevisionId, tuple[RevisionId, ...]] = {}
    for number, (step, who) in enumerate(steps):
        mine, theirs = routers[who], routers[1 - who]
        if step == "accept":
            mine.accept(str(number))
        elif step == "put back":
            routers[who] = Router(backups[who].head, dict(backups[who].known))
            backups[1 - who] = Router(theirs.head, dict(theirs.known))
        elif step == "choose" and stand(mine, theirs) is Relation.DIVERGED:
            mine.accept(str(number), theirs.head)
        elif step == "exchange" and stand(mine, theirs) is Relation.AHEAD:
            before = theirs.head
            theirs.take(mine)
            assert descent(theirs.head, before, everything.get) is not None
            assert theirs.head.serial_no > before.serial_no
            assert stand(theirs, mine) is Relation.AGREED
        for router in routers:
            everything |= router.known


@given(STEPS)
def test_two_routers_never_both_think_they_are_ahead(steps: list[tuple[str, int]]) -> None:
    routers = [Router(), Router()]
    opposite = {Relation.AHEAD: Relation.BEHIND, Relation.BEHIND: Relation.AHEAD}
    for number, (step, who) in enumerate(steps):
        mine, theirs = routers[who], routers[1 - who]
        if step == "accept":
            mine.accept(str(number))
        elif step == "exchange" and stand(mine, theirs) is Relation.AHEAD:
            theirs.take(mine)
        elif step == "choose" and stand(mine, theirs) is Relation.DIVERGED:
            mine.accept(str(number), theirs.head)
        seen = stand(mine, theirs)
        assert stand(theirs, mine) is opposite.get(seen, seen)
