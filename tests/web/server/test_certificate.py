"""Which certificates and keys are served, and how they are: a key is nobody else's, and old TLS is not spoken."""

import os
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from app.web.server.certificate import Certificate, CertificateUnusable
from tests.protocols.certificate import HOST, self_signed
from tests.protocols.certificate import Certificate as Files
from tests.web.server.pages import Pages


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A certificate, and its key."""
    return self_signed(tmp_path, days=1)


def use(files: Files, mode: int, owner: int) -> Certificate:
    os.chown(files.key, owner, -1)
    files.key.chmod(mode)
    return Certificate(files.certificate, files.key)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize(
    ("mode", "owner"),
    [(0o644, 0), (0o604, 0), (0o602, 0), (0o601, 0), (0o660, 0), (0o640, 3636), (0o620, 3636)],
)
def test_a_key_that_others_can_use_is_refused_with_the_remedy(files: Files, mode: int, owner: int) -> None:
    with pytest.raises(CertificateUnusable, match=f"has mode {mode:04o}") as refused:
        use(files, mode, owner)
    assert f"Type: chmod {'600' if owner else '640'} {files.key}" in str(refused.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize(("mode", "owner"), [(0o600, 0), (0o640, 0), (0o440, 0), (0o600, 3636), (0o400, 3636)])
def test_a_key_of_its_user_or_of_a_group_that_root_chose_is_taken(files: Files, mode: int, owner: int) -> None:
    assert use(files, mode, owner).context()


def test_the_mode_that_counts_is_that_of_the_file_and_not_of_the_link(files: Files, tmp_path: Path) -> None:
    link = tmp_path / "live.key"
    link.symlink_to(files.key)
    assert Certificate(files.certificate, link)
    files.key.chmod(0o644)
    with pytest.raises(CertificateUnusable, match="0644"):
        Certificate(files.certificate, link)


def test_a_key_of_another_certificate_is_refused(files: Files, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = self_signed(tmp_path / "other", days=1)
    with pytest.raises(CertificateUnusable, match=r"no certificate with its key.*PALOMETA_TLS_CERTIFICATE"):
        Certificate(files.certificate, other.key)


@pytest.mark.parametrize(
    "content", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_file_that_is_no_key_is_refused(files: Files, content: str) -> None:
    files.key.write_text(content)
    with pytest.raises(CertificateUnusable, match="no certificate with its key"):
        Certificate(files.certificate, files.key)


def test_a_file_that_is_not_there_is_named(files: Files, tmp_path: Path) -> None:
    with pytest.raises(CertificateUnusable, match=r"none\.pem: No such file or directory"):
        Certificate(tmp_path / "none.pem", files.key)


def test_a_renewed_certificate_is_used_without_a_restart(files: Files, tmp_path: Path) -> None:
    found = Certificate(files.certificate, files.key)
    first = found.context()
    assert found.context() is first
    _renew(files, tmp_path / "renewed")
    assert found.context() is not first


def test_that_a_renewed_certificate_cannot_be_used_is_logged_once(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    found = Certificate(files.certificate, files.key)
    files.certificate.unlink()
    for _ in range(3):
        found.context()
    (line,) = caplog.messages
    assert line.startswith(f"the renewed certificate is not used: cannot read {files.certificate}: No such file")


def test_while_a_renewed_certificate_cannot_be_used_the_old_one_is(files: Files, tmp_path: Path) -> None:
    found = Certificate(files.certificate, files.key)
    first = found.context()
    files.certificate.with_suffix(".new").write_text("half a certif")
    files.certificate.with_suffix(".new").replace(files.certificate)
    assert found.context() is first
    files.certificate.unlink()
    assert found.context() is first
    _renew(files, tmp_path / "renewed")
    assert found.context() is not first


def _renew(files: Files, directory: Path) -> None:
    directory.mkdir()
    renewed = self_signed(directory, days=2)
    renewed.key.replace(files.key)
    renewed.certificate.replace(files.certificate)


def shake_hands(pages: Pages, version: ssl.TLSVersion, ciphers: str) -> str:
    """Return the cipher that the pages agree to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    context.set_ciphers(ciphers)
    with pages.plain() as plain, context.wrap_socket(plain, server_hostname=HOST) as connection:
        cipher = connection.cipher()
        assert cipher
        return cipher[0]


@pytest.mark.parametrize("ciphers", ["ECDHE+AESGCM", "ECDHE+CHACHA20", "DEFAULT:@SECLEVEL=0"])
def test_tls_1_2_is_spoken_with_what_is_forward_secret_and_authenticated(tls_pages: Pages, ciphers: str) -> None:
    agreed = shake_hands(tls_pages, ssl.TLSVersion.TLSv1_2, ciphers)
    assert agreed.startswith("ECDHE-")
    assert "GCM" in agreed or "CHACHA20" in agreed


@pytest.mark.parametrize(
    "ciphers", ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE+AES+SHA", "ECDHE+AES+SHA256:!AESGCM"]
)
def test_it_is_not_with_anything_else(tls_pages: Pages, ciphers: str) -> None:
    with pytest.raises(OSError, match=r"(?i)handshake failure|reset"):
        shake_hands(tls_pages, ssl.TLSVersion.TLSv1_2, ciphers)


def test_tls_1_3_is_spoken(tls_pages: Pages) -> None:
    assert shake_hands(tls_pages, ssl.TLSVersion.TLSv1_3, "DEFAULT").startswith("TLS_")


def test_over_tls_the_browser_is_told_to_come_by_https_from_now_on(tls_pages: Pages, pages: Pages) -> None:
    assert b"\r\nStrict-Transport-Security: max-age=31536000\r\n" in tls_pages.get("/login")
    assert b"Strict-Transport-Security" not in pages.get("/login")


@pytest.mark.parametrize("name", ["certificate", "key"])
@pytest.mark.parametrize(
    "make",
    [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")],
    ids=["a pipe", "a directory", "a device"],
)
def test_what_is_no_file_is_refused_and_not_waited_for(
    files: Files, name: str, make: Callable[[Path], None]
) -> None:
    served = Certificate(files.certificate, files.key)
    path: Path = getattr(files, name)
    path.unlink()
    make(path)
    with pytest.raises(CertificateUnusable, match="is not a regular file"):
        Certificate(files.certificate, files.key)
    # A running web part goes on with what it has.
    assert served.context()
