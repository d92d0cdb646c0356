"""What every messenger is: it delivers one message at a time, or says why it could not."""

from typing import Protocol

from app.lvs.notify.message import Message

LIMIT_S = 15.0
"""How long one delivery may take in all."""


class Undelivered(Exception):
    """A message that did not arrive; the message says why, without what is secret in the address."""


class Messenger(Protocol):
    """One way out. Equal ones lead to the same place."""

    @property
    def name(self) -> str:
        """The word for it: mail, webhook or program."""

    async def send(self, message: Message) -> str:
        """Deliver `message` within LIMIT_S and return who took it, in words; raise Undelivered."""
