"""`palometa plan` and `palometa apply`: compare the kernel's table with a file, or change it, without pulse."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from app.commands.failure import CommandFailed
from app.commands.health import known_health
from app.commands.load_config import load
from app.exit_codes import ExitCode
from app.host.files.atomic_file import FileUnwritable
from app.host.files.rights import account_ids, make_directory
from app.host.gc_tuning import without_collecting
from app.host.ipvs.table import IPVS, IPVSFailed
from app.lvs.desired.table import desired
from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.ipvsadm import commands
from app.lvs.ipvs.plan import Step, closed_first
from app.pulse.process.owned import OwnedState
from app.pulse.table.drain import waits_until_answered
from app.settings import Settings

PULSE_ACCOUNT = "palometa-pulse"
"""The user of pulse, as systemd/palometa.sysusers makes it."""


@without_collecting()
def plan(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Print the pending changes; return DIFFERS if there are any."""
    config = load(options.file or settings.lvs_cf)
    wanted = desired(config, health=known_health(settings, config))
    owned = OwnedState(settings.runtime_directory).services
    try:
        with IPVS() as ipvs:
            table, _ = ipvs.read()
    except IPVSFailed as failed:
        raise CommandFailed(str(failed)) from failed
    steps = diff(table, wanted, owned).steps
    for command in commands(steps):
        print(command)
    return ExitCode.DIFFERS if steps else ExitCode.DONE


@without_collecting()
def apply(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Change the table once and print what could not be applied; return DIFFERS if there is anything."""
    config = load(options.file)
    wanted = desired(config, health=known_health(settings, config))
    _make_runtime_directory(settings.runtime_directory)
    memory = OwnedState(settings.runtime_directory)
    try:
        with IPVS() as ipvs:
            table, _ = ipvs.read()
            steps = diff(table, wanted, memory.services).steps
            memory.own(wanted, ())
            at_once, leaving = closed_first(steps, table)
            _carry_out(ipvs, at_once)
            for wait_s in waits_until_answered(ipvs, leaving):
                time.sleep(wait_s)
            _carry_out(ipvs, leaving)
            table, _ = ipvs.read()
    except (IPVSFailed, FileUnwritable) as failed:
        raise CommandFailed(str(failed)) from failed
    left = diff(table, wanted, memory.services).steps
    print(f"{len(steps)} changes, {len(left)} remained")
    for command in commands(left):
        print(command)
    return ExitCode.DIFFERS if left else ExitCode.DONE


def _make_runtime_directory(directory: Path) -> None:
    """Make the directory as systemd would, where root may and it is missing: /run is empty after each boot."""
    if os.geteuid() != 0:
        return
    try:
        make_directory(directory, *account_ids(PULSE_ACCOUNT), 0o750)
    except OSError as error:
        raise CommandFailed(
            f"cannot make the runtime directory {directory}: {error.strerror or error}. Set "
            "PALOMETA_RUNTIME_DIRECTORY to a directory."
        ) from error


def _carry_out(ipvs: IPVS, steps: Sequence[Step]) -> None:
    for batch in ipvs.apply(steps):
        for failure in batch.failures:
            print(failure.message, file=sys.stderr)
