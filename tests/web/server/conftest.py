"""The pages, served over HTTP and over TLS, by processes that the tests of this folder share."""

import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from app.store import open_store
from app.web.frame.security import cookie_name
from tests.protocols.certificate import Certificate, self_signed
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.installation import QUICK_HASHER
from tests.web.server.pages import Pages, running


@pytest.fixture(scope="session")
def pages(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages over HTTP, and somebody who is signed in."""
    directory = tmp_path_factory.mktemp("pages")
    session = _session(directory, database)
    # At another port than usual a cookie's name has the port, which is chosen when they are started.
    with running(directory) as found:
        name = cookie_name(Settings(port=found.port), "session")
        yield Pages(found.port, found.log_file, cookie=f"{name}={session}")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate, and its key: of RSA, with which all ciphers are possible that there are."""
    return self_signed(tmp_path_factory.mktemp("certificate"), days=1, has_rsa_key=True)


@pytest.fixture(scope="session")
def tls_pages(
    database: Path, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pages]:
    """The pages over TLS, and somebody who is signed in."""
    directory = tmp_path_factory.mktemp("tls_pages")
    session = _session(directory, database)
    names = {"TLS_CERTIFICATE": str(certificate.certificate), "TLS_KEY": str(certificate.key)}
    context = ssl.create_default_context(cafile=certificate.certificate)
    with running(directory, tls=context, **names) as found:
        name = cookie_name(Settings(port=found.port, tls_certificate=certificate.certificate), "session")
        yield Pages(found.port, found.log_file, context, f"{name}={session}")


def _session(directory: Path, database: Path) -> str:
    shutil.copy(database, directory / "palometa.db")
    store = open_store(f"sqlite:///{directory / 'palometa.db'}", hasher=QUICK_HASHER)
    user = store.users.verify(ADMIN, PASSWORD)
    assert user
    session = store.sessions.open(user, "127.0.0.1")
    store.close()
    return session
