"""Servers that go are given no new clients first, so that they can end what they are answering."""

from collections.abc import Iterable
from dataclasses import replace

from app.lvs.ipvs.plan import DeleteDestination, SetDestination, Step
from app.lvs.ipvs.table import Table


def closed_first(steps: Iterable[Step], table: Table) -> tuple[list[Step], list[DeleteDestination]]:
    """Return what to do at once of a plan for `table`, and what after a moment: its DeleteDestinations.

    At once is all else, and weight 0 for those that go.
    """
    at_once: list[Step] = []
    leaving: list[DeleteDestination] = []
    for step in steps:
        if isinstance(step, DeleteDestination):
            leaving.append(step)
        else:
            at_once.append(step)
    for step in leaving:
        for destination in table[step.service].destinations:
            if destination.key == step.key and destination.weight:
                at_once.append(SetDestination(step.service, replace(destination, weight=0)))
    return at_once, leaving
