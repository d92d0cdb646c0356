"""`palometa web`: serves the pages with gunicorn and prints the link that sets the first password."""

import argparse
import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from app.accept.accept import catch_up
from app.commands.failure import CommandFailed
from app.commands.log_lines import LogLines, log_to_stderr
from app.exit_codes import ExitCode
from app.host.files.atomic_file import FileUnwritable
from app.host.gc_tuning import keep_freed_memory
from app.lvs.ipvs.service_names import host_port
from app.settings import Settings
from app.store import Store, StoreBusy, StoreFailed, migrate, open_store
from app.web.frame.secret_key import load_secret_key
from app.web.server.certificate import Certificate, CertificateUnusable
from app.web.server.worker import PagesWorker

WORKERS = 2
"""Number of processes: one can be restarted, or crash, while the other serves."""
THREADS = 8
CONNECTIONS = 1 << 20
IN_CLEAR = (
    "Warning: the pages are served over HTTP at {address}, beyond this machine: passwords and sessions cross the "
    "network in clear. Set PALOMETA_TLS_CERTIFICATE and PALOMETA_TLS_KEY; or PALOMETA_ADDRESS=127.0.0.1, with a "
    "proxy that serves HTTPS in front, and PALOMETA_PUBLIC_URL to its https:// address."
)


def web(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Serve the pages until stopped by a signal."""
    certificate = _certificate(settings)
    if settings.is_open_to_eavesdroppers:
        print(IN_CLEAR.format(address=host_port(settings.address, settings.port)), file=sys.stderr, flush=True)
    try:
        settings.state_directory.mkdir(parents=True, exist_ok=True)
        migrate(settings.database_url)
        store = open_store(settings.database_url)
        greeting = f"Serving at {settings.url}"
        if store.users.is_empty():
            greeting = f"Set the first password: {settings.url}/setup/{store.setup.issue()}"
        store.close()
    except OSError as error:
        raise CommandFailed(
            f"cannot create {settings.state_directory}: {error.strerror}. Set PALOMETA_STATE_DIRECTORY to a "
            "directory that this user can write to."
        ) from error
    except (StoreBusy, StoreFailed) as failed:
        raise CommandFailed(str(failed)) from failed
    _require_secret_key(settings.secret_key_file)
    PagesServer(settings, certificate, greeting).run()
    return ExitCode.DONE


def _certificate(settings: Settings) -> Certificate | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    try:
        return Certificate(settings.tls_certificate, settings.tls_key)
    except CertificateUnusable as unusable:
        raise CommandFailed(str(unusable)) from unusable


def _require_secret_key(path: Path) -> None:
    """Raise CommandFailed where the key cannot be used: each worker would end with a traceback."""
    try:
        load_secret_key(path)
    except ValueError as error:
        raise CommandFailed(str(error)) from error
    except OSError as error:
        raise CommandFailed(
            f"cannot use {path}: {error.strerror or error}. It signs the forms; remove it, and a new one is "
            "made, or let this user read it."
        ) from error


def _catch_up(settings: Settings, store: Store) -> None:
    """Bring lvs.cf up to date with the database; if it cannot be written, the pages are served anyway."""
    try:
        if catch_up(settings, store):
            print(f"{settings.lvs_cf} was out of date; it now holds the last accepted configuration.", flush=True)
    except FileUnwritable as unwritable:
        print(f"lvs.cf may be out of date. {unwritable}", file=sys.stderr, flush=True)


class _Log(Logger):  # type: ignore[misc]
    """gunicorn's log, in lines that no request can forge."""

    def _set_handler(self, log: logging.Logger, output: str, _formatter: object, stream: Any = None) -> None:
        super()._set_handler(log, output, LogLines(self.error_fmt, self.datefmt), stream)


class PagesServer(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn, configured from our settings instead of a configuration file; its workers read both attributes."""

    def __init__(self, settings: Settings, certificate: Certificate | None, greeting: str) -> None:
        self.settings = settings
        self.certificate = certificate
        self._greeting = greeting
        super().__init__()

    def load_config(self) -> None:
        settings = self.settings
        values: dict[str, Any] = {
            "bind": [host_port(settings.address, settings.port)],
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": PagesWorker,
            # PagesWorker has bounds of its own, and makes room where gunicorn would stop accepting.
            "worker_connections": CONNECTIONS,
            "worker_tmp_dir": str(settings.state_directory),
            "proc_name": "palometa web",
            "logger_class": _Log,
            "loglevel": "warning",
            "limit_request_line": 4094,
            # No header names the path, the scheme or the client; TrustedProxy reads those of a trusted proxy.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "header_map": "drop",
            "http_parser": "python",
            "sendfile": False,
            # A door to the workers for gunicorn's own tool, in the home directory of this user.
            "control_socket_disable": True,
            "when_ready": self._greet,
        }
        for name, value in values.items():
            self.cfg.set(name, value)
        if settings.tls_certificate is not None:
            # The scheme of every request follows from these; the connections are made with `certificate`.
            self.cfg.set("certfile", str(settings.tls_certificate))
            self.cfg.set("keyfile", str(settings.tls_key))

    def _greet(self, _arbiter: object) -> None:
        # Not before the port is open: whoever follows the link at once would meet nobody.
        print(self._greeting, flush=True)

    def load(self) -> Flask:
        # Each worker opens its own store: a database connection must not be shared over a fork.
        from app.web.factory import create_app

        keep_freed_memory()
        log_to_stderr(_Log.error_fmt, logging.WARNING, _Log.datefmt)
        # Checked before the fork. A worker that cannot start ends them all: one that takes another's place while
        # the database is locked or damaged has to start, and say so on its pages.
        store = open_store(self.settings.database_url, is_checked=True)
        # The one before may have been killed between saving a change and writing lvs.cf. Only now, after the fork,
        # as names may have to be looked up.
        with suppress(StoreBusy, StoreFailed):
            _catch_up(self.settings, store)
        return create_app(self.settings, store)
