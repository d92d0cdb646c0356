"""`palometa passwd`: sets a password from the command line, the first one or one that was forgotten."""

import argparse
import getpass
import sys

from app.commands.failure import CommandFailed
from app.exit_codes import ExitCode
from app.settings import Settings
from app.store import (
    NameRefused,
    PasswordRefused,
    Store,
    StoreBusy,
    StoreFailed,
    TooManyLogins,
    migrate,
    open_store,
)


def passwd(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Ask for the password twice (without a terminal, read one line), set it, and forget failed sign-ins."""
    password = _ask()
    try:
        migrate(settings.database_url)
        _set(open_store(settings.database_url), options.name, password)
    except (NameRefused, PasswordRefused, StoreBusy, StoreFailed, TooManyLogins) as failed:
        raise CommandFailed(str(failed)) from failed
    print(f"Password set for {options.name}.")
    return ExitCode.DONE


def _set(store: Store, name: str, password: str) -> None:
    try:
        store.users.set_password(name, password)
    except NameRefused:
        store.users.create(name, password)
        store.attempts.clear(name)
        return
    # Somebody who knew the old password may still be signed in.
    if user := store.users.verify(name, password):
        store.sessions.close_all(user.id)
    store.attempts.clear(name)


def _ask() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("New password: ")
    if getpass.getpass("Repeat password: ") != first:
        raise CommandFailed("the two passwords differ. Nothing was changed; try again.")
    return first
