"""How MONITORING SCRIPTS offers the kinds of checks, and which fields each of them has. Tables only."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from app.lvs.model.check_kinds import KEYS_OF_SOME, CheckGroup, CheckKind, kinds_reading
from app.lvs.model.config import VirtualServer

AS_PIRANHA = "as set above, as in Piranha"
PIRANHA = "piranha"
"""What stands for a blank Check where a word is required."""

CHECK_CHOICES = tuple(
    (group.value, tuple((kind.value, kind.row.label) for kind in CheckKind if kind.row.group is group))
    for group in CheckGroup
)
"""The kinds of checks under the headings of the select."""

EXPLAINED = (
    ("", "Uses Send and Expect or a Sending Program, exactly as Piranha did."),
    *((kind.value, kind.row.sentence) for kind in CheckKind),
)
"""What each kind does, in a sentence."""

FIELD_KINDS = {
    key: kinds_reading(key) for key in sorted(KEYS_OF_SOME - {"send", "expect", "use_regex", "send_program"})
}
"""The kinds that read each field beyond Piranha; a field that is not here is read by all."""


def stylesheet() -> str:
    """Return the rules that hide what the selected check does not read, where the browser can tell which it is."""
    selectors = ",\n".join(_selectors())
    return f"@supports selector(:has(option:checked)) {{\n{selectors} {{ display: none; }}\n}}\n"


def _selectors() -> Iterator[str]:
    for word, name in (("", PIRANHA), *((kind.value, kind.value) for kind in CheckKind)):
        yield f'.checks:has(#field-check option[value="{word}"]:checked) .of-check:not([data-for~="{name}"])'


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields shown together under a heading; `names` are keywords.""" ""

    title: str
    names: tuple[str, ...]

    @property
    def checks(self) -> str:
        """The kinds of checks the group has a field for, separated by blanks."""
        return " ".join(kind for kind in CheckKind if any(kind in FIELD_KINDS[name] for name in self.names))

    def is_wrong(self, errors: Container[str]) -> bool:
        """Return whether a field of the group is among `errors`."""
        return any(name in errors for name in self.names)

    def is_set(self, block: VirtualServer, errors: Container[str]) -> bool:
        """Return whether `block` sets a key of the group, or one of them is among `errors`."""
        return self.is_wrong(errors) or any(getattr(block, name) is not None for name in self.names)


REQUEST_GROUPS = (
    FieldGroup("Request", ("check_path", "check_host", "check_status", "check_method", "check_headers")),
    FieldGroup("Query", ("check_name", "check_type")),
    FieldGroup("Login", ("check_user", "check_password", "check_secret")),
    FieldGroup("TLS and certificate", ("check_tls", "check_verify", "check_certificate_days")),
)
ALWAYS_GROUPS = (
    FieldGroup("Port and source", ("check_port", "check_source", "check_interface")),
    FieldGroup("Schedule and thresholds", ("check_interval", "check_limit", "check_retry", "fall", "rise")),
    FieldGroup("Additional checks", ("also_check", "check_need")),
)

VIRTUAL_GROUPS = (
    FieldGroup("Too few servers", ("quorum", "quorum_margin", "max_out", "tier_need", "sorry_port")),
    FieldGroup("Joining and leaving", ("slow_start", "damping")),
    FieldGroup("Slow servers", ("degraded_ms", "degraded_weight")),
    FieldGroup("Load agent", ("load_port", "load_step", "load_floor")),
)
