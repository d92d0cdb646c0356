"""`palometa partner`: keeps the configuration in sync with the second router; runs in the foreground."""

import argparse
import logging
import os

from app.commands.failure import CommandFailed
from app.commands.log_lines import log_to_stderr
from app.exit_codes import ExitCode
from app.partner.daemon import PartnerDaemon, PartnerFailed
from app.settings import Settings
from app.store import StoreBusy, StoreFailed, migrate, open_store


def partner(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Run until SIGTERM or SIGINT."""
    log_to_stderr(f"partner[{os.getpid()}]: %(message)s", logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        settings.state_directory.mkdir(parents=True, exist_ok=True)
        migrate(settings.database_url)
        store = open_store(settings.database_url)
        PartnerDaemon(settings, store).run()
    except OSError as error:
        raise CommandFailed(
            f"cannot use {settings.state_directory}: {error.strerror}. Set PALOMETA_STATE_DIRECTORY to a "
            "directory that this user can write to."
        ) from error
    except (PartnerFailed, StoreBusy, StoreFailed) as failed:
        raise CommandFailed(str(failed)) from failed
    return ExitCode.DONE
