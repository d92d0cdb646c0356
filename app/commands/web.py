"""`palometa web`: serves the pages with gunicorn and prints the link that sets the first password."""

import argparse
import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from app.accept.accept import catch_up
from app.commands.failure import CommandFailed
from app.exit_codes import ExitCode
from app.host.gc_tuning import keep_freed_memory
from app.host.lvs_cf_file import LvsCfUnwritable
from app.lvs.ipvs.service_names import host_port
from app.settings import Settings
from app.store import Store, StoreBusy, StoreFailed, migrate, open_store

WORKERS = 2
"""Number of processes: one can be restarted, or crash, while the other serves."""
THREADS = 8


def web(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Serve the pages until stopped by a signal."""
    try:
        settings.state_directory.mkdir(parents=True, exist_ok=True)
        migrate(settings.database_url)
        store = open_store(settings.database_url)
        if store.users.is_empty():
            print(f"Set the first password: {settings.url}/setup/{store.setup.issue()}", flush=True)
        else:
            print(f"Serving at {settings.url}", flush=True)
        _catch_up(settings, store)
        store.close()
    except OSError as error:
        raise CommandFailed(
            f"cannot create {settings.state_directory}: {error.strerror}. Set PALOMETA_STATE_DIRECTORY to a "
            "directory that this user can write to."
        ) from error
    except (StoreBusy, StoreFailed) as failed:
        raise CommandFailed(str(failed)) from failed
    _Server(settings).run()
    return ExitCode.DONE


def _catch_up(settings: Settings, store: Store) -> None:
    """Bring lvs.cf up to date with the database; if it cannot be written, the pages are served anyway."""
    try:
        if catch_up(settings, store):
            print(f"{settings.lvs_cf} was out of date; it now holds the last accepted configuration.", flush=True)
    except LvsCfUnwritable as unwritable:
        print(f"lvs.cf may be out of date. {unwritable}", file=sys.stderr, flush=True)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn, configured from our settings instead of a configuration file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        values: dict[str, Any] = {
            "bind": [host_port(settings.address, settings.port)],
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": "gthread",
            "worker_tmp_dir": str(settings.state_directory),
            "proc_name": "palometa web",
            "loglevel": "warning",
            "limit_request_line": 4094,
            "certfile": str(settings.tls_certificate) if settings.tls_certificate else None,
            "keyfile": str(settings.tls_key) if settings.tls_key else None,
        }
        for name, value in values.items():
            if value is not None:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        # Each worker opens its own store: a database connection must not be shared over a fork.
        from app.web.factory import create_app

        keep_freed_memory()
        return create_app(self._settings, open_store(self._settings.database_url))
