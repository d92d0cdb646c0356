"""GET /api/config: the configuration in lvs.cf's own words."""

from app.lvs.export import from_json
from app.lvs.reading import parse
from app.settings import Settings
from app.store import Store
from tests.web.clusters import save_cluster
from tests.web.filled_form import press
from tests.web.person import Person


def test_it_gives_the_configuration_as_json(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    answer = admin.get("/api/config")
    document = answer.get_json()
    assert answer.content_type == "application/json"
    assert document["network"] == "direct"
    assert [virtual["name"] for virtual in document["virtual"]] == ["web", "mail"]
    assert document["virtual"][0]["address"] == "192.168.26.10 eth0:1"
    assert document["virtual"][0]["active"] is True
    assert document["virtual"][0]["server"][1]["weight"] == 1
    assert from_json(document) == store.snapshot().config


def test_it_is_not_sent_again_while_the_serial_is_the_same(
    admin: Person, settings: Settings, store: Store
) -> None:
    save_cluster(settings, store)
    tag = admin.get("/api/config").headers["ETag"]
    assert admin.get("/api/config", **{"If-None-Match": tag}).status_code == 304
    press(admin, "/global", "ACCEPT", {"udp_timeout": "60"})
    assert admin.get("/api/config", **{"If-None-Match": tag}).status_code == 200


def test_a_browser_can_download_it(admin: Person) -> None:
    assert 'href="/api/config?download=1"' in admin.get("/global").text
    assert "lvs.json" in admin.get("/api/config?download=1").headers["Content-Disposition"]


def test_lvs_cf_can_be_downloaded(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    answer = admin.get("/api/lvs.cf?download=1")
    assert parse(answer.data).config == store.snapshot().config
    assert answer.data == settings.lvs_cf.read_bytes()


def test_it_is_closed_to_who_is_not_signed_in(anybody: Person) -> None:
    assert anybody.get("/api/config").status_code == 401
    assert anybody.get("/api/lvs.cf").status_code == 401
