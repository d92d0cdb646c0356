"""Whether exactly one router of a pair has the virtual IPs, by all witnesses: VRRP, the partner, the network."""

from dataclasses import dataclass

from app.lvs.reports.pair import Dispute


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipEvidence:
    """The statement of each witness. None: unknown at present.

    `own`: this router has them. `vrrp`: the partner advertises itself as the owner. `partner`: it says so over the
    connection of the two. `probe`: the hardware address that answered for one of them, empty: nobody did.
    """

    own: bool
    vrrp: bool | None
    partner: bool | None
    probe: str | None

    @property
    def dispute(self) -> Dispute:
        """What is wrong, according to all of them at this moment; empty: nothing."""
        if self.own:
            return "two" if self.vrrp or self.partner or self.probe else ""
        if self.is_overruled:
            return "nobody"
        # VRRP is silent on a cable that is cut, too.
        is_elsewhere = self.vrrp or self.partner or self.probe
        return "nobody" if not is_elsewhere and (self.partner is False or self.probe == "") else ""

    @property
    def is_elsewhere(self) -> bool:
        """Whether another router has them, by those who do not only elect one: itself, else the network."""
        return self.partner if self.partner is not None else bool(self.probe)

    @property
    def is_overruled(self) -> bool:
        """Whether the partner was elected, and is heard, and yet it denies that it has them, or nobody answers.

        VRRP elects a router, which need not be able to serve.
        """
        return not self.own and bool(self.vrrp) and (self.partner is False or self.probe == "") and not self.probe

    def sentence(self, dispute: Dispute, partner: str) -> str:
        """Return the sentence about `dispute`, with its witnesses; `partner` is its address."""
        if not dispute:
            return ""
        if dispute == "nobody" and self.is_overruled:
            what = (
                f"Nobody answers for the virtual IPs: this router does not own them, and {partner}, which claims "
                "them, does not serve them."
            )
        elif dispute == "nobody":
            what = f"No router owns the virtual IPs, neither this one nor {partner}."
        elif self.vrrp or self.partner or not self.probe:
            what = f"Split brain: this router and {partner} both own the virtual IPs."
        else:
            what = (
                "Split brain: this router owns the virtual IPs, and another machine on the network has them too."
            )
        reporters, unknown = self._reporters(dispute, partner), self._unknown()
        words = [what, f"Reported by {_listed(reporters)}." if reporters else ""]
        if contradictors := self._contradictors(dispute, partner):
            words.append(f"Contradicted by {_listed(contradictors)}.")
        words.append(f"No information from {_listed(unknown)}." if unknown else "")
        return " ".join(word for word in words if word)

    def _reporters(self, dispute: Dispute, partner: str) -> list[str]:
        wanted = dispute == "two"
        reporters = []
        if self.vrrp is wanted:
            reporters.append(f"VRRP, where {partner} {'claims' if wanted else 'does not claim'} them")
        if self.partner is wanted:
            reporters.append("the partner itself")
        if self.probe is not None and bool(self.probe) is wanted:
            reporters.append(f"the network, where {self.probe or 'no machine'} answers for them")
        return reporters

    def _contradictors(self, dispute: Dispute, partner: str) -> list[str]:
        if dispute != "nobody":
            return []
        witnesses = {f"VRRP, where {partner} claims them": self.vrrp, "the partner itself": self.partner}
        return [name for name, word in witnesses.items() if word]

    def _unknown(self) -> list[str]:
        witnesses = {"VRRP": self.vrrp, "the partner itself": self.partner, "the network": self.probe}
        return [name for name, word in witnesses.items() if word is None]


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{'; '.join(words[:-1])}; and {words[-1]}"
