"""EDIT VIRTUAL SERVER: every field of Piranha's, and the keys beyond it."""

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest

from app.lvs.grammar.reader import parse
from app.lvs.model.schedulers import Scheduler, SchedulerFlag
from app.lvs.model.values import Floating, Network, Prefix, Protocol
from app.settings import Settings
from app.store import Store
from tests.web.clusters import WEB, Ids, save_cluster
from tests.web.filled_form import FilledForm, press
from tests.web.person import Person

LABELS = [
    "Name",
    "Application port",
    "Protocol",
    "Virtual IP Address",
    "Virtual IP Network Mask",
    "Sorry Server",
    "Firewall Mark",
    "Device",
    "Re-entry Time",
    "Service timeout",
    "Quiesce server",
    "Load monitoring tool",
    "Scheduling",
    "Persistence",
    "Persistence Network Mask",
]
SCHEDULERS = [
    "Round robin",
    "Weighted least-connections",
    "Weighted round robin",
    "Least-connection",
    "Locality-Based Least-Connection Scheduling",
    "Locality-Based Least-Connection Scheduling (R)",
    "Destination Hash Scheduling",
    "Source Hash Scheduling",
]


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def page(ids: Ids) -> str:
    return f"/virtual/{ids.web}"


def test_its_labels_are_piranhas_in_piranhas_order(admin: Person, page: str) -> None:
    html = admin.get(page).text
    labels = re.findall(r"<(?:label for|legend)[^>]*>([^<]+)</(?:label|legend)>", html)
    assert labels[: len(LABELS)] == LABELS


def test_its_schedulers_are_piranhas_first_and_then_the_kernels_others(admin: Person, page: str) -> None:
    html = admin.get(page).text
    select = html[html.index('name="scheduler"') :]
    options = re.findall(r'<option value="(\w+)"[^>]*>([^<]+)</option>', select[: select.index("</select>")])
    assert [label for _, label in options[:8]] == SCHEDULERS
    assert [word for word, _ in options] == [scheduler.value for scheduler in Scheduler]


def test_it_leads_to_the_real_servers_and_the_scripts(admin: Person, page: str) -> None:
    html = admin.get(page).text
    assert f'href="{page}/real"' in html
    assert f'href="{page}/scripts"' in html


def test_accept_saves_every_field(admin: Person, settings: Settings, store: Store, page: str) -> None:
    changes: dict[str, str | None] = {
        "name": "my web",
        "port": "8080",
        "protocol": "udp",
        "address": "192.168.26.99",
        "device": "eth1:7",
        "vip_nmask": "255.255.255.128",
        "sorry_server": "192.168.26.40",
        "fwmark": "7",
        "reentry": "30",
        "timeout": "5",
        "quiesce_server": "1",
        "load_monitor": "rup",
        "scheduler": "sh",
        "persistent": "300",
        "pmask": "/24",
        "network": "tunnel",
        "one_packet": "1",
        "scheduler_flags-sh-port": "1",
        "persistence_engine": "sip",
    }
    assert press(admin, page, "ACCEPT", changes).status_code == 303
    virtual = store.snapshot().config.virtual[0]
    assert (virtual.name, virtual.port, virtual.protocol) == ("my web", 8080, Protocol.UDP)
    assert virtual.address == Floating(IPv4Address("192.168.26.99"), "eth1:7")
    assert (virtual.vip_nmask, virtual.pmask) == (IPv4Address("255.255.255.128"), Prefix(24))
    assert (virtual.sorry_server, virtual.fwmark) == (IPv4Address("192.168.26.40"), 7)
    assert (virtual.reentry, virtual.timeout, virtual.quiesce_server) == (30, 5, True)
    assert (virtual.load_monitor, virtual.scheduler, virtual.persistent) == ("rup", Scheduler.SH, 300)
    assert (virtual.network, virtual.one_packet) == (Network.TUNNEL, True)
    assert (virtual.scheduler_flags, virtual.persistence_engine) == ((SchedulerFlag.SH_PORT,), "sip")
    assert len(virtual.server) == 2
    assert parse(settings.lvs_cf.read_bytes()).config == store.snapshot().config


def test_what_was_saved_stands_in_the_boxes_again(admin: Person, page: str) -> None:
    changes: dict[str, str | None] = {
        "vip_nmask": "255.255.254.0",
        "scheduler": "mh",
        "scheduler_flags-mh-port": "1",
    }
    press(admin, page, "ACCEPT", changes)
    fields = FilledForm.on(admin.get(page).text, "edit").fields
    assert {name: fields[name] for name in changes} == changes


def test_blank_boxes_take_their_keys_away(admin: Person, settings: Settings, store: Store, page: str) -> None:
    press(admin, page, "ACCEPT", {"vip_nmask": "255.255.255.0", "persistent": "60"})
    press(admin, page, "ACCEPT", {"vip_nmask": "", "persistent": ""})
    virtual = store.snapshot().config.virtual[0]
    assert (virtual.vip_nmask, virtual.persistent) == (None, None)
    assert "vip_nmask" not in settings.lvs_cf.read_text()


def test_unused_is_taken_for_no_netmask(admin: Person, store: Store, page: str) -> None:
    press(admin, page, "ACCEPT", {"vip_nmask": "255.255.255.0"})
    press(admin, page, "ACCEPT", {"vip_nmask": "Unused"})
    assert store.snapshot().config.virtual[0].vip_nmask is None


@pytest.mark.parametrize("name", ["a b", "[server_name]", "it's", 'say "hi"', "a{2}", "#1", "grün", "}", " x "])
def test_a_name_can_be_anything_lvs_cf_can_hold(
    admin: Person, settings: Settings, store: Store, page: str, name: str
) -> None:
    press(admin, page, "ACCEPT", {"name": name})
    assert store.snapshot().config.virtual[0].name == name
    config = parse(settings.lvs_cf.read_bytes()).config
    assert config
    assert config.virtual[0].name == name


@pytest.mark.parametrize(
    ("box", "text", "says"),
    [
        ("name", "", "The name is empty"),
        ("name", "a\nb", "lvs.cf cannot hold a line end or a NUL byte"),
        ("port", "70000", "it must be from 0 to 65535"),
        ("port", "htp", "port is &#39;htp&#39;"),
        ("address", "300.1.1.1", "address is &#39;300.1.1.1&#39;"),
        ("address", "1.2.3", "&#39;1.2.3&#39; would be read as 1.2.0.3"),
        ("address", "192.168.26.010", "without leading zeros"),
        ("address", "192.168.26.10 eth0:1", "is more than an address: only 192.168.26.10 belongs here"),
        ("vip_nmask", "255.255", "write all four numbers"),
        ("address", "224.0.0.1", "is a multicast address"),
        ("vip_nmask", "255.0.255.0", "a contiguous mask"),
        ("vip_nmask", "/33", "a prefix length from /1 to /32"),
        ("fwmark", "-1", "it must be from 0 to 4294967295"),
        ("timeout", "0", "it must be from 1 to 86400 seconds"),
        ("scheduler", "pcc", "scheduler is &#39;pcc&#39;"),
        ("device", "", "Device is empty"),
        ("persistence_engine", "sip", "which requires protocol udp"),
    ],
)
def test_a_wrong_value_is_refused_beside_its_box_and_kept_there(
    admin: Person, store: Store, page: str, box: str, text: str, says: str
) -> None:
    answer = press(admin, page, "ACCEPT", {box: text, "reentry": "99"})
    assert answer.status_code == 422
    after = answer.text[answer.text.index(f'id="field-{box}"') :]
    assert says in after.partition('class="field')[0]
    assert FilledForm.on(answer.text, "edit").fields["reentry"] == "99"
    assert store.snapshot().serial_no == 1


def test_an_ipv6_service_with_a_prefix_length_is_taken(admin: Person, store: Store, page: str) -> None:
    for place in (0, 1):
        server = store.snapshot().virtual[0].servers[place]
        press(admin, f"{page}/real/{server.id}", "ACCEPT", {"network": "tunnel"})
    changes: dict[str, str | None] = {"address": "2001:db8::10", "vip_nmask": "/64"}
    assert press(admin, page, "ACCEPT", changes).status_code == 303
    virtual = store.snapshot().config.virtual[0]
    assert virtual.address == Floating(IPv6Address("2001:db8::10"), "eth0:1")
    assert virtual.vip_nmask == Prefix(64)


def test_a_change_that_breaks_another_object_is_refused_and_says_where(
    admin: Person, store: Store, page: str
) -> None:
    answer = press(admin, page, "ACCEPT", {"address": "2001:db8::10"})
    assert answer.status_code == 422
    assert "virtual server &#39;web&#39;, real server &#39;rs1&#39;, Address" in answer.text
    assert store.snapshot().serial_no == 1


def test_a_warning_stands_beside_its_box_after_saving(admin: Person, page: str) -> None:
    answer = press(admin, page, "ACCEPT", {"fwmark": "5"})
    assert answer.status_code == 303
    assert "Firewall mark 5 without persistence" in admin.follow(answer).text


def test_an_untouched_accept_changes_no_key(admin: Person, store: Store, page: str) -> None:
    before = store.snapshot().config
    press(admin, page, "ACCEPT")
    assert store.snapshot().config == before


def test_a_load_tool_of_the_files_own_is_kept(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store, replace(WEB, name="old", active=False, load_monitor="uptime", server=()))
    old = store.snapshot().virtual[-1].id
    press(admin, f"/virtual/{old}", "ACCEPT", {"port": "81"})
    assert store.snapshot().config.virtual[-1].load_monitor == "uptime"


def test_cancel_goes_back_to_the_list_and_saves_nothing(admin: Person, store: Store, ids: Ids, page: str) -> None:
    answer = press(admin, page, "CANCEL", {"port": "8080"})
    assert answer.location == f"/virtual?selected={ids.web}"
    assert store.snapshot().serial_no == 1


def test_it_answers_404_for_an_id_that_never_was(admin: Person, page: str) -> None:
    assert admin.get("/virtual/4711").status_code == 404
    assert admin.get("/virtual/4711/real").status_code == 404
    assert admin.get("/virtual/4711/scripts").status_code == 404
    assert admin.get(f"{page}/real/4711").status_code == 404
