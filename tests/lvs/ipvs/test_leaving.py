"""Servers that go: closed for new clients first, and gone in the end as if they had gone at once."""

from hypothesis import given

from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.plan import closed_first
from app.lvs.ipvs.table import Table
from tests.lvs.apply import apply
from tests.lvs.tables import tables


@given(tables(), tables())
def test_in_two_steps_it_comes_to_the_same(current: Table, wanted: Table) -> None:
    plan = diff(current, wanted, current.keys())
    at_once, leaving = closed_first(plan.steps, current)
    assert apply(leaving, apply(at_once, current)) == apply(plan.steps, current)


@given(tables(), tables())
def test_who_goes_gets_no_new_clients_meanwhile_and_the_others_do(current: Table, wanted: Table) -> None:
    at_once, leaving = closed_first(diff(current, wanted, current.keys()).steps, current)
    going = {(step.service_key, step.key) for step in leaving}
    meanwhile = apply(at_once, current)
    for service in meanwhile.values():
        weights = {destination.key: destination.weight for destination in service.destinations}
        stays = {destination.key: destination.weight for destination in wanted[service.key].destinations}
        assert weights == stays | {key: 0 for key in weights if (service.key, key) in going}
