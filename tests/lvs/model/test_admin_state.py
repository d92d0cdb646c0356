"""What an administrator has said of a server holds until its time is over."""

import pytest

from app.lvs.model.admin_state import READY, Admin, admin_of, parse_until
from app.lvs.model.config import RealServer
from app.lvs.model.values import AdminState

DRAINED = RealServer(
    name="a", admin_state=AdminState.DRAIN, admin_until="2026-01-31T22:00Z", admin_reason="kernel patch"
)
END = 1769896800.0


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-31T22:00Z", END),
        ("2026-01-31T22:00:01Z", END + 1),
        ("1970-01-01T00:00Z", 0.0),
        ("2028-02-29T00:00Z", 1835395200.0),
        ("2026-02-29T00:00Z", None),
        ("2026-13-01T00:00Z", None),
        ("2026-00-01T00:00Z", None),
        ("2026-01-31T24:00Z", None),
        ("2026-01-31T22:60Z", None),
        ("2026-01-31T22:00", None),
        ("2026-01-31 22:00Z", None),
        ("2026-01-31T22:00Z ", None),
        ("٢٠٢٦-01-31T22:00Z", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_a_time_is_read_in_utc_and_anything_else_is_none(text: str, at: float | None) -> None:
    assert parse_until(text) == at


def test_a_drain_holds_until_its_end_and_not_a_moment_longer() -> None:
    assert admin_of(DRAINED, END - 0.1) == Admin(AdminState.DRAIN, END, "kernel patch")
    assert admin_of(DRAINED, END) == READY


def test_without_an_end_it_holds_until_somebody_ends_it() -> None:
    server = RealServer(name="a", admin_state=AdminState.MAINTENANCE)
    assert admin_of(server, 1e12) == Admin(AdminState.MAINTENANCE)


def test_a_server_nobody_said_anything_of_is_ready() -> None:
    assert admin_of(RealServer(name="a", admin_reason="old", admin_until="2026-01-31T22:00Z"), 0.0) == READY
