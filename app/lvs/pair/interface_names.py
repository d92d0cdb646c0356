"""The names of interfaces on one router: what the shared configuration calls eth0 may be ens3 here.

A configuration that two routers share says one name for both; where a router's own is another, it is put in when
lvs.cf is written there, and taken out again when that file is read back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from app.lvs.keywords.table import keywords_of
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.machine import Machine
from app.lvs.model.values import Floating

DEVICE_KEYS = frozenset({"syncd_iface", "check_interface"})
"""The keys that hold nothing but the name of an interface; addresses with a device are known by their kind."""

NAME_MAX = 15
"""IFNAMSIZ of the kernel, without the NUL."""
_ALSO_INTERFACE = re.compile(r"\binterface=(?P<quote>'?)(?P<name>[^\s;']+)(?P=quote)|'[^']*'")
"""The one setting of ``also_check`` that names an interface; what is quoted is passed over."""
_NAME = re.compile(r"[!-.0-9;-~]{1,15}")

Block = TypeVar("Block", Config, VirtualServer, RealServer)


class NamesRefused(Exception):
    """These names cannot be put in and taken out again; the message says which."""


@dataclass(frozen=True, slots=True)
class DeviceNames:
    """`own` gives this router's name for a shared one, where it is another. Each own name stands for one."""

    own: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (*self.own, *self.own.values()):
            if not _NAME.fullmatch(name) or name in (".", ".."):
                raise NamesRefused(
                    f"{name[:40]!r} is not an interface name: it must have 1 to {NAME_MAX} characters without "
                    "blanks, '/' or ':'; the part after ':' stays in lvs.cf."
                )
        if len(set(self.own.values())) < len(self.own):
            twice = next(name for name in self.own.values() if list(self.own.values()).count(name) > 1)
            raise NamesRefused(f"Two names map to {twice}: lvs.cf could not tell which one was meant.")

    def __bool__(self) -> bool:
        return any(shared != own for shared, own in self.own.items())

    def put_in(self, config: Config) -> Config:
        """Return the shared `config` as this router's lvs.cf has it; unconcerned blocks are the same objects."""
        return _renamed(config, self.own) if self else config

    def taken_out(self, config: Config) -> Config:
        """Return this router's configuration as both routers share it."""
        return _renamed(config, self._shared) if self else config

    def shared_name(self, own: str) -> str:
        """Return what the shared configuration calls this router's interface `own`."""
        return self._shared.get(own, own)

    def shared_machine(self, machine: Machine | None) -> Machine | None:
        """Return this router with its interfaces by their shared names, to judge the shared configuration."""
        if machine is None or not self:
            return machine
        names = self._shared
        return replace(
            machine, devices={names.get(name, name): addresses for name, addresses in machine.devices.items()}
        )

    @property
    def _shared(self) -> dict[str, str]:
        return {own: shared for shared, own in self.own.items()}


class _Heard(dict[str, str]):
    """Renames nothing, and keeps what it was asked for."""

    def get(self, name: str, default: Any = None) -> Any:
        self[name] = name
        return default


def devices_of(config: Config) -> tuple[str, ...]:
    """Return the names of all interfaces the configuration mentions, sorted."""
    heard = _Heard()
    _renamed(config, heard)
    return tuple(sorted(name for name in heard if name))


def _renamed(config: Config, names: Mapping[str, str]) -> Config:
    return replace(
        _block(config, names),
        virtual=tuple(_block(virtual, names) for virtual in config.virtual),
        failover=tuple(_block(virtual, names) for virtual in config.failover),
    )


def _block(block: Block, names: Mapping[str, str]) -> Block:
    changes: dict[str, Any] = {}
    for key in keywords_of(block):
        value = getattr(block, key)
        if value is None:
            continue
        renamed = _value(key, value, names)
        if renamed != value:
            changes[key] = renamed
    return replace(block, **changes) if changes else block


def _value(key: str, value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Floating):
        return Floating(value.address, _device(value.device, names))
    if key in DEVICE_KEYS:
        if isinstance(value, tuple):
            return tuple(_device(word, names) for word in value)
        return " ".join(_device(word, names) for word in value.split(" "))
    if key == "also_check":
        return _ALSO_INTERFACE.sub(lambda match: _also(match, names), value)
    return value


def _device(device: str, names: Mapping[str, str]) -> str:
    """Return a device with its interface renamed and its alias part kept: eth0:1 becomes ens3:1."""
    interface, colon, alias = device.partition(":")
    return f"{names.get(interface, interface)}{colon}{alias}"


def _also(match: re.Match[str], names: Mapping[str, str]) -> str:
    if match["name"] is None:
        return match[0]
    return f"interface={match['quote']}{names.get(match['name'], match['name'])}{match['quote']}"
