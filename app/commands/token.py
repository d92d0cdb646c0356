"""`palometa token`: creates, lists and revokes API tokens from the command line."""

import argparse
from datetime import timedelta

from app.commands.author import author
from app.commands.failure import CommandFailed
from app.exit_codes import ExitCode
from app.settings import Settings
from app.store import ApiToken, Scope, Store, StoreBusy, StoreFailed, TokenRefused, migrate, open_store


def token(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Create a token and print it, list the tokens, or revoke one."""
    try:
        migrate(settings.database_url)
        store = open_store(settings.database_url)
        match options.action:
            case "make":
                print(_make(store, options))
            case "list":
                for known in store.api_tokens.all():
                    print(_line(known))
            case _:
                _revoke(store, options.name)
    except (TokenRefused, StoreBusy, StoreFailed) as failed:
        raise CommandFailed(str(failed)) from failed
    return ExitCode.DONE


def _make(store: Store, options: argparse.Namespace) -> str:
    if options.days is not None and not 1 <= options.days <= 36500:
        raise CommandFailed(f"--days is {options.days}: use 1 to 36500; without it, the token does not expire.")
    lifetime = None if options.days is None else timedelta(days=options.days)
    return store.api_tokens.make(options.name, Scope(options.scope), lifetime, f"{author()} (machine)")


def _revoke(store: Store, name: str) -> None:
    found = next((known for known in store.api_tokens.all() if known.name == name), None)
    if found is None or store.api_tokens.revoke(found.id) is None:
        raise CommandFailed(f"there is no token '{name}'; 'palometa token list' lists the tokens.")
    print(f"Token {name} revoked.")


def _line(token: ApiToken) -> str:
    until = "until revoked" if token.expires_at is None else f"until {token.expires_at:%Y-%m-%d %H:%M} UTC"
    used = (
        "never used"
        if token.used_at is None
        else f"used {token.used_at:%Y-%m-%d %H:%M} UTC from {token.used_from}"
    )
    return f"{token.name}: {token.scope}, {'expired' if token.has_expired else until}, {used}"
