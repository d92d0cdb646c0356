"""The settings: which values are accepted, and that each is documented."""

from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from app.settings import SettingRefused, Settings
from tests.settings_environment import environment_of

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


def test_each_is_read_from_the_environment() -> None:
    settings = Settings(
        address="192.0.2.1",
        port=4000,
        lvs_cf=Path("/1/lvs.cf"),
        state_directory=Path("/2"),
        runtime_directory=Path("/3"),
        history_directory=Path("/4"),
        database_url="sqlite:////5",
        tls_certificate=Path("/6"),
        tls_key=Path("/7"),
        trusted_hosts=("lvs.example", "lvs2.example"),
        trusted_proxy=(ip_network("192.0.2.8/32"), ip_network("2001:db8::/64")),
        public_url="https://lvs.example",
        check_directory=Path("/9"),
        check_user="checks",
        partner_address="192.0.2.10",
        partner_port=4001,
    )
    assert Settings.from_environment(environment_of(settings)) == settings
    assert Settings.from_environment({}) != settings
