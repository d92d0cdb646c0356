"""The rules are asked once for each configuration, and only about what is new in it."""

from dataclasses import replace
from ipaddress import IPv4Address

from app.accept.rule_cache import RuleCache
from app.lvs.model.config import Config
from app.lvs.model.machine import Machine
from app.lvs.rules.rulebook import check
from tests.web.clusters import MAIL, WEB

CONFIG = Config(virtual=(WEB, replace(MAIL, server=(replace(MAIL.server[0], weight=0),))))
HERE = Machine({"eth1": frozenset({IPv4Address("192.168.26.2")})})


def test_it_says_what_the_rules_say() -> None:
    judge = RuleCache()
    assert judge.problems(CONFIG, None) == check(CONFIG)
    assert judge.problems(CONFIG, HERE) == check(CONFIG, HERE) != check(CONFIG)


def test_the_same_configuration_is_judged_once() -> None:
    judge = RuleCache()
    first = judge.problems(CONFIG, HERE)
    assert judge.problems(CONFIG, replace(HERE)) is first


def test_an_equal_one_that_is_another_object_is_judged_anew() -> None:
    judge = RuleCache()
    first = judge.problems(CONFIG, None)
    again = judge.problems(replace(CONFIG), None)
    assert again == first
    assert again is not first


def test_a_draft_does_not_drive_out_what_it_was_made_from() -> None:
    judge = RuleCache()
    first = judge.problems(CONFIG, None)
    draft = replace(CONFIG, virtual=(replace(WEB, port=81), CONFIG.virtual[1]))
    assert judge.problems(draft, None) == check(draft)
    assert judge.problems(CONFIG, None) is first


def test_lines_beyond_piranha_are_found_once_for_each_configuration() -> None:
    judge = RuleCache()
    quick = replace(CONFIG, virtual=(replace(WEB, one_packet=True),))
    assert [reason.split(":")[0] for _, reason in judge.beyond(quick)] == ["unknown command"]
    assert judge.beyond(quick) is judge.beyond(quick)
    assert judge.beyond(CONFIG) == []
