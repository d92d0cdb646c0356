"""Serials never go back: scripts compare those of two routers and take the greater one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.accept.accept import AcceptContext, Accepted, ChangeResult, NotSaved, accept
from app.accept.on_disk import digest
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import Writer
from app.lvs.model.config import Config
from app.settings import Settings
from app.store import Edit, Store

LARGEST = 2**31 - 1
Save = Callable[..., Accepted]


@pytest.fixture
def save(settings: Settings, store: Store) -> Save:
    def save(change: Callable[[Edit], object], overwrite: bytes = b"") -> Accepted:
        def changed(edit: Edit) -> ChangeResult:
            change(edit)
            return ChangeResult("changed", None)

        parts = AcceptContext(settings, store, Writer(), "anna", None, None)
        return accept(parts, changed, digest(overwrite))

    return save


def importing(serial_no: int | None, primary: str = "192.0.2.1") -> Callable[[Edit], object]:
    config = parse(f"primary = {primary}\n".encode()).config
    assert config is not None
    return lambda edit: edit.replace(replace(config, serial_no=serial_no))


def file_serial(settings: Settings) -> int | None:
    config: Config | None = parse(settings.lvs_cf.read_bytes()).config
    assert config is not None
    return config.serial_no


@pytest.mark.parametrize(
    ("first", "second", "then"),
    [
        (None, None, 2),
        (2013042401, None, 2013042403),
        (2013042401, 900, 2013042403),
        (7, 2013042401, 2013042402),
        (7, 8, 9),
        (7, LARGEST - 1, LARGEST),
    ],
)
def test_an_import_is_numbered_behind_the_greater_of_file_and_database(
    save: Save, settings: Settings, first: int | None, second: int | None, then: int
) -> None:
    assert save(importing(first)).serial_no == (first or 0) + 1
    assert save(importing(second, "192.0.2.2")).serial_no == then
    assert file_serial(settings) == then


@pytest.mark.parametrize("serial_no", [900, 2013042401])
def test_a_hand_edit_that_is_taken_in_or_overwritten_is_numbered_behind(
    save: Save, settings: Settings, serial_no: int
) -> None:
    save(importing(None))
    by_hand = f"serial_no = {serial_no}\nprimary = 192.0.2.9\n".encode()
    settings.lvs_cf.write_bytes(by_hand)
    # OVERWRITE: the configuration stays that of the pages, but the file's number had been read by others.
    assert save(lambda edit: None, by_hand).serial_no == serial_no + 1
    assert file_serial(settings) == serial_no + 1
    settings.lvs_cf.write_bytes(by_hand)
    assert save(importing(serial_no, "192.0.2.9"), by_hand).serial_no == serial_no + 2


def test_a_file_that_lags_behind_does_not_hold_the_number_up(save: Save, settings: Settings) -> None:
    for number in range(5):
        save(importing(None, f"192.0.2.{number + 1}"))
    by_hand = b"serial_no = 2\nprimary = 192.0.2.9\n"
    settings.lvs_cf.write_bytes(by_hand)
    assert save(importing(2, "192.0.2.9"), by_hand).serial_no == 6


def test_behind_the_largest_number_it_goes_on_from_the_database_and_says_so(
    save: Save, settings: Settings, store: Store
) -> None:
    save(importing(41))
    accepted = save(importing(LARGEST, "192.0.2.2"))
    assert accepted.serial_no == 43
    assert f"serial_no {LARGEST} is the largest there is" in accepted.remark
    assert accepted.remark in store.revisions(1)[0].summary
    assert file_serial(settings) == 43
    assert save(importing(None, "192.0.2.3")).remark == ""


def test_where_no_number_is_left_nothing_is_saved_and_what_to_do_is_said(
    save: Save, settings: Settings, store: Store
) -> None:
    save(importing(LARGEST - 1))
    before = settings.lvs_cf.read_bytes()
    with pytest.raises(NotSaved, match="Numbers can begin again only in a new database") as refused:
        save(importing(None, "192.0.2.2"))
    assert refused.value.code == 409
    assert (store.snapshot().serial_no, settings.lvs_cf.read_bytes()) == (LARGEST, before)
