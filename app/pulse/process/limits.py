"""The limit of open descriptors: every check that waits for its server needs one."""

import resource


def allow_all_descriptors() -> None:
    """Raise the limit to the highest that this process is allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
