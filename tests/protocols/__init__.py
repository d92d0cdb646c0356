"""Checks against the real servers of each protocol, as Debian has them; `lab/protocol-servers` installs those."""
