"""The user a process runs as and the capabilities it keeps: given by setpriv, or taken on by the process."""

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path

# linux/prctl.h and linux/capability.h
_CAPABILITIES = {"net_admin": 12, "net_raw": 13}
_SET_DUMPABLE, _SET_KEEPCAPS, _CAPBSET_DROP, _SET_NO_NEW_PRIVS, _CAP_AMBIENT = 4, 8, 24, 38, 47
_AMBIENT_RAISE = 2
_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Privileges:
    """A user and a group, by number: they need no account. `capabilities` are kept over `exec`; no others are."""

    user: int
    group: int
    capabilities: tuple[str, ...] = ()

    @property
    def setpriv(self) -> tuple[str, ...]:
        """The command that gives a command these privileges, and no way to more; it is run as root."""
        kept = ",".join(["-all", *(f"+{name}" for name in self.capabilities)])
        return (
            "setpriv",
            f"--regid={self.group}",
            "--clear-groups",
            "--no-new-privs",
            f"--reuid={self.user}",
            f"--inh-caps={kept}",
            f"--ambient-caps={kept}",
            f"--bounding-set={kept}",
            "--",
        )

    def take_on(self) -> None:
        """Do to this process, which is root, what `setpriv` would; raise OSError if the kernel refuses."""
        kept = [_CAPABILITIES[name] for name in self.capabilities]
        for number in range(int(Path("/proc/sys/kernel/cap_last_cap").read_text()) + 1):
            if number not in kept:
                _prctl(_CAPBSET_DROP, number)
        _prctl(_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(self.group, self.group, self.group)
        os.setresuid(self.user, self.user, self.user)
        _set_capabilities(sum(1 << number for number in kept))
        for number in kept:
            _prctl(_CAP_AMBIENT, _AMBIENT_RAISE, number)
        _prctl(_SET_NO_NEW_PRIVS, 1)
        # Otherwise /proc/self would be root's, as it is not after exec.
        _prctl(_SET_DUMPABLE, 1)


def _set_capabilities(kept: int) -> None:
    header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
    # Effective, permitted and inheritable ones below 32, then the same of those above.
    data = (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)
    _require(_libc.capset(header, data))


def _prctl(option: int, *arguments: int) -> None:
    words = [*arguments, 0, 0, 0, 0][:4]
    _require(_libc.prctl(option, *(ctypes.c_ulong(word) for word in words)))


def _require(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
