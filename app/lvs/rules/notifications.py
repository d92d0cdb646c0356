"""Rules about where messages go. An error here keeps a form from saving it, and nothing from running."""

from collections.abc import Callable, Iterator
from typing import Any

from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.config import Config
from app.lvs.model.keyword import BlockKind
from app.lvs.model.problem import Problem, Severity
from app.lvs.notify.recipients import AddressRefused, mail_addresses, mail_server, webhook

NOTIFICATION_KEYS = frozenset({"mail_to", "mail_from", "mail_server", "webhook", "notify_program", "notify_gap"})


def notify_problems(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with the notification keys of `config`."""
    understand: dict[str, Callable[[str], Any]] = {
        "mail_to": mail_addresses,
        "mail_from": _one_address,
        "mail_server": mail_server,
        "webhook": webhook,
    }
    for name, understood in understand.items():
        text = getattr(config, name)
        if not text:
            continue
        try:
            understood(text)
        except AddressRefused as refused:
            label = KEYWORDS[BlockKind.GLOBAL][name].label
            yield Problem(Severity.ERROR, (name,), f"{label}: {refused}")
    if not config.mail_to and (config.mail_from or config.mail_server):
        yield Problem(
            Severity.WARNING,
            ("mail_to",),
            "Mail to is empty, so no mail is sent: enter the recipients, or clear Mail from and Mail server.",
        )


def _one_address(text: str) -> None:
    if len(mail_addresses(text)) != 1:
        raise AddressRefused("more than one address was given; a mail has a single sender.")
