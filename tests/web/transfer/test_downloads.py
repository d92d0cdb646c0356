"""The configuration as files, for a browser that is signed in."""

import pytest

from app.lvs.formats.config_json import from_json
from app.settings import Settings
from app.store import Store
from tests.web.clusters import save_cluster
from tests.web.filled_form import press
from tests.web.person import Person

FILES = ["/transfer/lvs.cf", "/transfer/lvs.json", "/transfer/ipvsadm.rules"]


@pytest.mark.parametrize("address", FILES)
def test_it_is_closed_to_who_is_not_signed_in(anybody: Person, address: str) -> None:
    assert anybody.get(address).status_code == 303


@pytest.mark.parametrize("address", FILES)
def test_a_browser_saves_it_under_its_name(admin: Person, address: str) -> None:
    name = address.rpartition("/")[2]
    assert f'"{name}"' in admin.get(f"{address}?download=1").headers["Content-Disposition"]
    assert "Content-Disposition" not in admin.get(address).headers


def test_global_settings_links_to_it(admin: Person) -> None:
    html = admin.get("/global").text
    assert 'href="/transfer/lvs.json?download=1"' in html
    assert 'href="/transfer/lvs.cf?download=1"' in html


def test_json_holds_the_whole_configuration(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    assert from_json(admin.get("/transfer/lvs.json").get_json()) == store.snapshot().config


def test_lvs_cf_is_the_file_byte_for_byte(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    assert admin.get("/transfer/lvs.cf").data == settings.lvs_cf.read_bytes()


def test_it_is_not_sent_again_while_the_serial_is_the_same(
    admin: Person, settings: Settings, store: Store
) -> None:
    save_cluster(settings, store)
    tag = admin.get("/transfer/lvs.json").headers["ETag"]
    assert admin.get("/transfer/lvs.json", **{"If-None-Match": tag}).status_code == 304
    press(admin, "/global", "ACCEPT", {"udp_timeout": "60"})
    assert admin.get("/transfer/lvs.json", **{"If-None-Match": tag}).status_code == 200
