"""The settings: which values are accepted, and that each is documented."""

from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from app.settings import SettingRefused, Settings

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_the_readme_describes_it(name: str) -> None:
    assert f"`PALOMETA_{name.upper()}`" in README.read_text()


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", ()),
        ("   ", ()),
        ("192.0.2.1", ("192.0.2.1/32",)),
        ("192.0.2.1,2001:db8::/64", ("192.0.2.1/32", "2001:db8::/64")),
        (" 127.0.0.1 , ::1 ,", ("127.0.0.1/32", "::1/128")),
    ],
)
def test_trusted_proxies_are_addresses_and_networks(text: str, networks: tuple[str, ...]) -> None:
    settings = Settings.from_environment({"PALOMETA_TRUSTED_PROXY": text})
    assert settings.trusted_proxy == tuple(map(ip_network, networks))


@pytest.mark.parametrize("text", ["proxy.example", "*", "192.0.2.1/33", "192.0.2.1/24", "192.0.2.1:80", "1, x"])
def test_a_trusted_proxy_that_is_neither_is_refused(text: str) -> None:
    with pytest.raises(SettingRefused, match=r"PALOMETA_TRUSTED_PROXY: .*192\.0\.2\.0/24"):
        Settings.from_environment({"PALOMETA_TRUSTED_PROXY": text})


@pytest.mark.parametrize(
    ("environment", "is_open"),
    [
        ({}, False),
        ({"ADDRESS": "127.1.2.3"}, False),
        ({"ADDRESS": "::1"}, False),
        ({"ADDRESS": "localhost"}, False),
        ({"ADDRESS": "0.0.0.0"}, True),
        ({"ADDRESS": "::"}, True),
        ({"ADDRESS": "lvs1.example"}, True),
        ({"ADDRESS": "192.0.2.1", "PUBLIC_URL": "http://lvs1.example"}, True),
        ({"ADDRESS": "192.0.2.1", "PUBLIC_URL": "https://lvs1.example"}, False),
        ({"ADDRESS": "192.0.2.1", "PUBLIC_URL": "http://127.0.0.1:3636"}, False),
        ({"ADDRESS": "192.0.2.1", "TRUSTED_PROXY": "192.0.2.7"}, False),
        ({"ADDRESS": "0.0.0.0", "TLS_CERTIFICATE": "/c", "TLS_KEY": "/k"}, False),
    ],
)
def test_it_knows_when_passwords_cross_a_network_in_clear(environment: dict[str, str], is_open: bool) -> None:
    settings = Settings.from_environment({f"PALOMETA_{name}": text for name, text in environment.items()})
    assert settings.is_open_to_eavesdroppers is is_open
