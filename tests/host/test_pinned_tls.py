"""A router's own key and certificate."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from app.host.pinned_tls import IdentityFailed, is_certificate, load_identity


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "partner.pem"
    made = load_identity(path)
    assert load_identity(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert is_certificate(made.certificate)


def test_no_two_are_alike(tmp_path: Path) -> None:
    one, other = (load_identity(tmp_path / name) for name in ("one", "other"))
    assert one.fingerprint != other.fingerprint


def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "partner.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\nno\n")
    with pytest.raises(IdentityFailed, match=r"contains no certificate.*delete it and pair the routers again"):
        load_identity(path)


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(IdentityFailed, match="PALOMETA_STATE_DIRECTORY"):
        load_identity(tmp_path / "nowhere" / "partner.pem")


@pytest.mark.parametrize("data", [b"", b"x", b"0" * 400])
def test_what_is_no_certificate_is_told_apart(data: bytes) -> None:
    assert not is_certificate(data)


@pytest.mark.parametrize(
    "make",
    [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")],
    ids=["a pipe", "a directory", "a device"],
)
def test_what_is_no_file_is_told_and_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "partner.pem")
    with pytest.raises(IdentityFailed, match="it is not a regular file"):
        load_identity(tmp_path / "partner.pem")


def test_a_file_without_its_key_is_told_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "partner.pem"
    load_identity(path)
    path.write_text(path.read_text().partition("-----END PRIVATE KEY-----\n")[2])
    with pytest.raises(IdentityFailed, match=r"contains no key.*delete it and pair"):
        load_identity(path)
