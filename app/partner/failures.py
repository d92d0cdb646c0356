"""How a talk with the other router ends badly: with a sentence."""


class TalkFailed(Exception):
    """The other side cannot be reached, is silent, or broke off; the message says which and what to do."""


class MalformedMessage(TalkFailed):
    """The other side said something that is no message of ours."""


class PairingFailed(Exception):
    """The routers are not paired; the message says why and what to do."""


class NotTaken(Exception):
    """A revision of the partner was not taken; the message says why. Nothing was changed."""
