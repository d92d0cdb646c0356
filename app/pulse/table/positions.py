"""Which virtual server of a configuration a service in the kernel belongs to."""

from app.lvs.desired.table import active_virtuals, service_key
from app.lvs.ipvs.table import ServiceKey
from app.lvs.model.config import Config


def service_positions(config: Config | None) -> dict[ServiceKey, int]:
    """Return the position in `config` of each service's virtual server; of two with the same key, the first."""
    positions: dict[ServiceKey, int] = {}
    if config is None:
        return positions
    active = {id(virtual) for virtual in active_virtuals(config)}
    for position, virtual in enumerate(config.virtual):
        key = service_key(virtual) if id(virtual) in active else None
        if key is not None:
            positions.setdefault(key, position)
    return positions
