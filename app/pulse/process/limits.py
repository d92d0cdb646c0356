"""How many descriptors pulse may have open: a check that waits for its server holds one."""

import resource


def allow_all_descriptors() -> None:
    """Raise the limit to the highest this process may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
