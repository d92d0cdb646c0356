"""The rules about a pair."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from app.lvs.model.config import Config
from app.lvs.model.problem import Severity
from app.lvs.model.values import ClusterType
from app.lvs.rules.rulebook import check

PAIR = Config(
    service=ClusterType.LVS,
    primary=ip_address("10.0.0.2"),
    backup=ip_address("10.0.0.3"),
    backup_active=True,
    keepalive=6,
    deadtime=18,
)


def found(config: Config) -> dict[str, Severity]:
    return {str(problem.path[0]): problem.severity for problem in check(config)}


def test_a_pair_with_two_addresses_has_nothing_wrong_with_it() -> None:
    assert not found(PAIR)


@pytest.mark.parametrize(
    ("config", "key"),
    [
        (replace(PAIR, backup=None), "backup"),
        (replace(PAIR, primary=None), "primary"),
        (replace(PAIR, backup=PAIR.primary), "backup"),
        (replace(PAIR, backup=ip_address("fd00::3")), "backup"),
        (replace(PAIR, advert_ms=6000), "advert_ms"),
        (replace(PAIR, preempt_delay=30), "preempt_delay"),
        (replace(PAIR, preempt=True, preempt_in_step=True), "preempt_in_step"),
        (replace(PAIR, syncdaemon=True, preempt_in_step=True), "preempt_in_step"),
    ],
)
def test_what_will_not_be_as_somebody_might_think_is_a_warning_while_the_pair_is_on(
    config: Config, key: str
) -> None:
    assert found(config) == {key: Severity.WARNING}
    assert not found(replace(config, backup_active=False))


def test_a_group_that_is_no_multicast_address_is_an_error() -> None:
    assert found(replace(PAIR, syncd_group=ip_address("10.0.0.9"))) == {"syncd_group": Severity.ERROR}


def test_an_interval_vrrp_cannot_keep_is_an_error() -> None:
    assert found(replace(PAIR, advert_ms=50)) == {"advert_ms": Severity.ERROR}
