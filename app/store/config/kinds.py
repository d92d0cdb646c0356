"""The kinds of objects the configuration consists of, as the audit names them."""

import enum


class Kind(enum.StrEnum):
    """What a change was made to."""

    GLOBALS = "globals"
    VIRTUAL = "virtual"
    SERVER = "server"
    FAILOVER = "failover"
