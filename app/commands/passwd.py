"""`palometa passwd`: set a password from the machine itself, for the first one or a forgotten one."""

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
    """Ask for the password twice (or read one line, when not at a terminal) and set it."""
    password = _ask()
    try:
        migrate(settings.database_url)
        _set(open_store(settings.database_url), options.name, password)
    except (NameRefused, PasswordRefused, StoreBusy, StoreFailed, TooManyLogins) as failed:
        raise CommandFailed(str(failed)) from failed
    print(f"The password of {options.name} is set.")
    return ExitCode.DONE


def _set(store: Store, name: str, password: str) -> None:
    try:
        store.users.set_password(name, password)
    except NameRefused:
        store.users.create(name, password)
        return
    # Whoever knew the old password may be signed in with it.
    if user := store.users.verify(name, password):
        store.sessions.close_all(user.id)


def _ask() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("New password: ")
    if getpass.getpass("Again: ") != first:
        raise CommandFailed("the two passwords are not the same: nothing is changed.")
    return first
