"""`palometa notify-test`: sends a test message by every means lvs.cf sets and prints each result."""

import argparse
import asyncio
import logging
import time

from app.commands.failure import CommandFailed
from app.commands.load_config import load
from app.commands.log_lines import log_to_stderr
from app.exit_codes import ExitCode
from app.host.messengers.messenger import Messenger, Undelivered
from app.host.own_name import machine_name
from app.host.probes.kinds.program import Programs
from app.lvs.notify.message import Message, trial_message
from app.pulse.events.notifier import clock, messengers
from app.settings import Settings


def notify_test(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Send the message and print a line for each messenger; return FAILED if one did not deliver it."""
    path = options.file or settings.lvs_cf
    config = load(path)
    # Invalid addresses are logged by the code pulse uses: print those messages as they are.
    log_to_stderr("%(message)s", logging.WARNING, is_only=False)
    found = messengers(config, Programs(settings.check_directory, settings.check_user))
    if not found:
        raise CommandFailed(
            f"{path} names no recipients: set mail_to, webhook or notify_program (GLOBAL SETTINGS)."
        )
    message = trial_message(machine_name(), time.time(), clock)
    return asyncio.run(_send(list(found.values()), message))


async def _send(found: list[Messenger], message: Message) -> ExitCode:
    outcomes = await asyncio.gather(*(_outcome(messenger, message) for messenger in found))
    for is_delivered, result in outcomes:
        print(f"{'delivered' if is_delivered else 'NOT DELIVERED'}: {result}")
    return ExitCode.DONE if all(is_delivered for is_delivered, _ in outcomes) else ExitCode.FAILED


async def _outcome(messenger: Messenger, message: Message) -> tuple[bool, str]:
    try:
        return True, await messenger.send(message)
    except Undelivered as undelivered:
        return False, str(undelivered)
