"""Numbers no database holds, in addresses and forms: never an error of ours."""

import pytest

from app.settings import Settings
from app.store import Store
from tests.web.clusters import save_cluster
from tests.web.person import Person

HUGE = "9" * 25


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (f"/history/{HUGE}", 404),
        (f"/history/{2**63}", 404),
        (f"/history?before={HUGE}", 200),
        (f"/virtual/{HUGE}", 404),
        (f"/virtual/{HUGE}/real", 404),
        (f"/virtual/{HUGE}/delete", 404),
        (f"/virtual/{HUGE}/scripts", 404),
        (f"/virtual?undo={HUGE}", 200),
        ("/virtual?undo=-1", 200),
    ],
)
def test_an_absurd_number_in_an_address_is_answered(admin: Person, address: str, code: int) -> None:
    assert admin.get(address).status_code == code


def test_an_absurd_serial_in_a_form_is_refused(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    answer = admin.send("/global", {"serial": "9" * 5000, "global_action": "ACCEPT"})
    assert answer.status_code == 400


@pytest.mark.parametrize("number", [HUGE, str(2**63), str(2**31), "-1", "1e3", "٣", "9" * 5000])
def test_an_absurd_id_in_a_form_is_answered(admin: Person, settings: Settings, store: Store, number: str) -> None:
    ids = save_cluster(settings, store)
    where, selected = f"/virtual/{ids.web}/real", f"{number}.1"
    assert admin.send(where, {"serial": "1", "test": number}).status_code == 404
    assert admin.send(where, {"serial": "1", "selected_host": selected, "real_service": "EDIT"}).status_code == 400
    assert admin.send("/virtual", {"serial": "1", "selected_host": selected}).status_code == 400
    assert admin.send("/history/1/undo", {"virtual_id": number}).status_code == 303
    assert admin.get(f"/virtual?selected={number}").status_code == 200
    assert store.snapshot().serial_no == 1
