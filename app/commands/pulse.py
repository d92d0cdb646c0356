"""`palometa pulse`: the daemon in the foreground, logging to standard error."""

import argparse
import asyncio
import logging
import os

from app.commands.failure import CommandFailed
from app.commands.log_lines import log_to_stderr
from app.exit_codes import ExitCode
from app.pulse.daemon import Daemon
from app.pulse.process.single_instance import PulseFailed
from app.settings import Settings


def pulse(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Run until SIGTERM or SIGINT."""
    log_to_stderr(f"pulse[{os.getpid()}]: %(message)s", logging.INFO)
    try:
        asyncio.run(Daemon(settings).run())
    except PulseFailed as failed:
        raise CommandFailed(str(failed)) from failed
    return ExitCode.DONE
