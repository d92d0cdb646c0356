"""The laws of the plan: it leads from any table to any other, in an order of which every prefix is safe."""

from hypothesis import given
from hypothesis import strategies as st

from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.plan import AddService, DeleteDestination, DeleteService
from app.lvs.ipvs.table import Table
from tests.lvs.apply import apply
from tests.lvs.tables import tables


@given(tables(), tables())
def test_it_leads_from_any_table_to_any_other(current: Table, wanted: Table) -> None:
    assert apply(diff(current, wanted, set(current)).steps, current) == wanted


@given(tables())
def test_it_is_empty_between_equal_tables(table: Table) -> None:
    assert not diff(table, dict(table), set(table))


@given(tables(), tables())
def test_applied_twice_it_is_empty_the_second_time(current: Table, wanted: Table) -> None:
    after = apply(diff(current, wanted, set(current)).steps, current)
    assert not diff(after, wanted, set(current))


@given(tables(), tables())
def test_it_never_touches_a_service_nobody_owns(current: Table, wanted: Table) -> None:
    foreign = {key: service for key, service in current.items() if key not in wanted}
    after = apply(diff(current, wanted, owned=()).steps, current)
    assert after == {**foreign, **wanted}


@given(tables(), tables(), st.data())
def test_every_prefix_keeps_a_server_in_each_service_that_keeps_one(
    current: Table, wanted: Table, data: st.DataObject
) -> None:
    plan = diff(current, wanted, set(current))
    cut = data.draw(st.integers(0, len(plan)))
    halfway = apply(plan.steps[:cut], current)
    for key, service in wanted.items():
        if service.destinations and key in current and current[key].destinations:
            assert halfway[key].destinations


@given(tables(), tables())
def test_services_come_first_and_go_last(current: Table, wanted: Table) -> None:
    kinds = [type(step) for step in diff(current, wanted, set(current)).steps]
    order = [kind in (DeleteDestination, DeleteService) for kind in kinds]
    assert order == sorted(order)
    assert kinds[: kinds.count(AddService)] == [AddService] * kinds.count(AddService)


def test_a_service_that_is_the_same_object_is_not_looked_at() -> None:
    class Untouchable:
        """Fails on any look at its settings."""

    marker = Untouchable()
    table = {"key": marker}
    assert not diff(table, table, ())  # type: ignore[arg-type]
