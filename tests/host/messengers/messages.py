"""A message for tests, with names as awkward as lvs.cf can hold them."""

import asyncio

from app.host.messengers.messenger import Messenger, Undelivered
from app.lvs.notify.batching import EventBatch
from app.lvs.notify.message import Message, compose
from tests.lvs.events import event

AWKWARD = "wéb1\r\nBcc: victim@example.com\r\n\r\n.\r\n"


def a_message(server: str = "web1", director: str = "lb1") -> Message:
    """Return the message that `server` is out."""
    gathering = EventBatch(60)
    gathering.take(event("down", server, reason="connect: refused"), 0)
    return compose(director, 1000.0, gathering.collect(0), lambda at: f"{at:.0f}")


def send(messenger: Messenger, message: Message | None = None) -> str:
    """Deliver a message and return what the messenger says of it."""
    return asyncio.run(messenger.send(message or a_message()))


async def why_not(messenger: Messenger, message: Message | None = None) -> str:
    """Return why a message is not delivered."""
    try:
        said = await messenger.send(message or a_message())
    except Undelivered as undelivered:
        return str(undelivered)
    raise AssertionError(f"it was delivered: {said}")
