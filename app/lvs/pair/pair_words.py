"""A router's role in words: what is told when it begins, and why."""

from dataclasses import dataclass

from app.lvs.reports.pair import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class PairWords:
    """What the sentence depends on: what the partner last said, and what keepalived is told or came to."""

    partner: str
    has_spoken: bool
    has_given_up: bool
    is_giving_up: bool
    trouble: str

    def sentence(self, role: Role) -> str:
        """Return what is told of `role`; empty: it is not worth a word."""
        match role:
            case "owner":
                return f"this router has the virtual IPs: {self._why_owner()}"
            case "standby":
                return f"this router stands by for {self.partner}"
            case "fault":
                return f"this router cannot take over: {self._why_fault()}"
            case "starting":
                return ""
            case "off":
                return "the pair is switched off, and this is its second router: it serves nobody"
            case _:
                return self.trouble

    def _why_owner(self) -> str:
        if self.has_given_up:
            return f"{self.partner} has given them up"
        if self.has_spoken:
            return f"{self.partner} has been silent"
        return "nobody else says that it has them"

    def _why_fault(self) -> str:
        if self.is_giving_up:
            return "it is giving the virtual IPs to the partner"
        return "an interface that counts has no link, or is not there"
