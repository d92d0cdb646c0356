"""How talking to the other router fails. Every message is a sentence that an administrator can act on."""


class TalkFailed(Exception):
    """The other side cannot be reached, is silent, or broke off; the message says which and what to do."""


class MalformedMessage(TalkFailed):
    """The other side sent something that is not a valid message."""


class PairingFailed(Exception):
    """The routers are not paired; the message says why and what to do."""


class NotTaken(Exception):
    """A revision of the partner was refused; the message says why. Nothing was changed."""
