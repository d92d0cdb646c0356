"""An application on a store of its own for each test; a server and a Chromium for those that need a browser."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from app.settings import Settings
from app.store import Store
from app.web.factory import create_app
from app.web.frame.security import cookie_name
from tests.web.browsing import ADMIN, PASSWORD, PATIENCE_MS
from tests.web.installation import app, database, empty_database, empty_store, settings, store
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble, running_pulse

__all__ = ["app", "database", "empty_database", "empty_store", "settings", "store"]


@pytest.fixture
def anybody(app: Flask) -> Person:
    """Somebody who is not signed in."""
    return Person(app.test_client())


@pytest.fixture
def first_comer(settings: Settings, empty_store: Store) -> Person:
    """Somebody before an installation in which no password is set."""
    return Person(create_app(settings, empty_store).test_client())


@pytest.fixture
def session_token(store: Store) -> str:
    """The token of a session of the administrator."""
    user = store.users.verify(ADMIN, PASSWORD)
    assert user
    return store.sessions.open(user, "127.0.0.1")


@pytest.fixture
def client(app: Flask, settings: Settings, session_token: str) -> FlaskClient:
    """A test client that is signed in."""
    client = app.test_client()
    client.set_cookie(cookie_name(settings, "session"), session_token)
    return client


@pytest.fixture
def admin(client: FlaskClient) -> Person:
    """The administrator, signed in."""
    return Person(client)


@pytest.fixture
def pulse(settings: Settings) -> Iterator[PulseDouble]:
    """A pulse that runs; without this fixture it is stopped."""
    with running_pulse(settings.pulse_socket) as double:
        yield double


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """The address of the application, served on this machine."""
    with make_server("127.0.0.1", 0, app, threaded=True) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def context(browser: Browser, server: str) -> Iterator[BrowserContext]:
    """A window of nobody's; addresses may be given without the host."""
    context = browser.new_context(base_url=server, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of somebody who is not signed in."""
    return context.new_page()


@pytest.fixture
def admin_page(context: BrowserContext, server: str, settings: Settings, session_token: str) -> Page:
    """A page of the administrator, signed in."""
    context.add_cookies([{"name": cookie_name(settings, "session"), "value": session_token, "url": server}])
    return context.new_page()
