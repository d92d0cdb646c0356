"""A plan in sentences."""

from dataclasses import replace
from ipaddress import ip_address

from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.plan_text import sentences
from app.lvs.ipvs.table import Destination, DestinationKey, Family, Forward, Service, ServiceKey, Table, Transport

KEY = ServiceKey(Family.IPV4, Transport.TCP, ip_address("192.0.2.1"), 80)
OTHER = ServiceKey(Family.IPV4, Transport.NONE, None, 0, 7)
ONE = Destination(DestinationKey(ip_address("192.0.2.11"), 80), Forward.ROUTE, 1)
TWO = Destination(DestinationKey(ip_address("192.0.2.12"), 80), Forward.TUNNEL, 5, 100, 80)
SERVICE = Service(KEY, "wlc", destinations=(ONE,))


def said(current: Table, wanted: Table) -> list[str]:
    return list(sentences(diff(current, wanted, current).steps, current, {KEY: "WEB"}))


def test_what_is_missing_is_named_with_how_it_is_to_be() -> None:
    assert said({}, {KEY: replace(SERVICE, persistent_s=60)}) == [
        "The service TCP 192.0.2.1:80 (WEB) is missing: add it with scheduler wlc persistent 60.",
        "The server 192.0.2.11:80 of TCP 192.0.2.1:80 (WEB) is missing: add it with Route weight 1.",
    ]


def test_what_differs_is_said_with_what_it_is_now() -> None:
    wanted = replace(SERVICE, scheduler="rr", destinations=(replace(ONE, weight=9), TWO))
    assert said({KEY: SERVICE}, {KEY: wanted}) == [
        "The server 192.0.2.12:80 of TCP 192.0.2.1:80 (WEB) is missing: add it with Tunnel weight 5, "
        "thresholds 100 and 80.",
        "The service TCP 192.0.2.1:80 (WEB) differs: set it to rr instead of wlc.",
        "The server 192.0.2.11:80 of TCP 192.0.2.1:80 (WEB) differs: set it to Route weight 9 "
        "instead of Route weight 1.",
    ]


def test_what_has_to_go_is_said_to_be_ours() -> None:
    assert said({KEY: SERVICE, OTHER: Service(OTHER, "rr")}, {KEY: replace(SERVICE, destinations=())}) == [
        "The server 192.0.2.11:80 of TCP 192.0.2.1:80 (WEB) is not configured: delete it.",
        "The service FWM 7 is managed by Palometa and no longer configured: delete it.",
    ]
