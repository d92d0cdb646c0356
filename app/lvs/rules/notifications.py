"""Rules about where messages go. An error here keeps a form from saving it, and nothing from running."""

from collections.abc import Callable, Iterator
from typing import Any

from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.address_kinds import literal_address
from app.lvs.model.config import Config
from app.lvs.model.keyword import BlockKind
from app.lvs.model.printable import shown
from app.lvs.model.problem import Problem, Severity
from app.lvs.notify.destinations import is_this_machine, why_not_to
from app.lvs.notify.recipients import AddressRefused, helo_name, mail_addresses, mail_server, webhook

NOTIFICATION_KEYS = frozenset(
    {"mail_to", "mail_from", "mail_server", "helo_name", "webhook", "notify_program", "notify_gap"}
)


def notify_problems(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with the notification keys of `config`."""
    understand: dict[str, Callable[[str], Any]] = {
        "mail_to": mail_addresses,
        "mail_from": _one_address,
        "mail_server": mail_server,
        "helo_name": helo_name,
        "webhook": webhook,
    }
    for name, understood in understand.items():
        text = getattr(config, name)
        if not text:
            continue
        label = KEYWORDS[BlockKind.GLOBAL][name].label
        try:
            found = understood(text)
        except AddressRefused as refused:
            yield Problem(Severity.ERROR, (name,), f"{label}: {refused}")
            continue
        if name == "mail_server":
            yield from _host_problems(name, label, found[0])
        elif name == "webhook":
            yield from _host_problems(name, label, found.host)
            if is_this_machine(found.host):
                yield Problem(
                    Severity.WARNING,
                    (name,),
                    f"{label}: {shown(found.host)} is this router itself, so messages go to whatever listens "
                    "on that port here. That is right only for a relay on this machine.",
                )
    if not config.mail_to and (config.mail_from or config.mail_server):
        yield Problem(
            Severity.WARNING,
            ("mail_to",),
            "Mail to is empty, so no mail is sent: enter the recipients, or clear Mail from and Mail server.",
        )


def _host_problems(name: str, label: str, host: str) -> Iterator[Problem]:
    # A name is judged when it is resolved, for each message.
    address = literal_address(host)
    if address is not None and (why := why_not_to(address, is_local_meant=True)):
        yield Problem(Severity.ERROR, (name,), f"{label}: {why}. Use the address or name of a server.")


def _one_address(text: str) -> None:
    if len(mail_addresses(text)) != 1:
        raise AddressRefused("more than one address was given; a mail has a single sender.")
