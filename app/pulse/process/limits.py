"""The limit of open descriptors: every check that waits for its server needs one."""

import resource
import sys


def allow_all_descriptors() -> int:
    """Raise the limit to the highest that this process is allowed, and return it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard
