"""What is shown of a password or a secret: that there is one."""

import pytest

from app.lvs.keywords.secret_keys import SECRET_KEYS, covered, covered_line, has_secret
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('     check_password = "hunter2"', "     check_password = •••"),
        ("+     check_secret = hunter2 # why", "+     check_secret = •••"),
        ('-     check_password="a b"', "-     check_password=•••"),
        ('     also_check = "redis password=hunter2; smtp"', '     also_check = "redis password=•••; smtp"'),
        ("     also_check = \"radius secret='a b' port=1812\"", '     also_check = "radius secret=••• port=1812"'),
        ('     check_user = "hunter2"', '     check_user = "hunter2"'),
        ('     send = "password=hunter2"', '     send = "password=hunter2"'),
    ],
)
def test_a_line_is_shown_without_what_is_secret(line: str, shown: str) -> None:
    assert covered_line(line) == shown


def test_a_value_is_shown_without_what_is_secret() -> None:
    assert covered("check_password", "hunter2") == "•••"
    assert covered("check_password", "") == ""
    assert covered("also_check", "redis password=hunter2") == "redis password=•••"
    assert covered("check_user", "hunter2") == "hunter2"


def test_also_check_is_secret_only_with_a_password_or_a_secret_in_it() -> None:
    assert has_secret("redis password=x")
    assert has_secret("smtp; radius secret='x y'")
    assert not has_secret("http path=/password")
    assert not has_secret(None)


def test_every_key_that_sounds_secret_is_one() -> None:
    names = {name for place in BlockKind for name in KEYWORDS[place]}
    assert {name for name in names if "password" in name or "secret" in name} == SECRET_KEYS
