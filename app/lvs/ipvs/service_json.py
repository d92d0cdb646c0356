"""A service of the kernel as a JSON document with all its settings, both ways."""

from ipaddress import ip_address

from app.lvs.ipvs.service_names import address_text
from app.lvs.ipvs.table import (
    Destination,
    DestinationKey,
    Family,
    Forward,
    SchedulerBits,
    Service,
    ServiceKey,
    Transport,
)
from app.lvs.model.values import TunnelChecksum, TunnelType
from app.lvs.reports.drift import KernelDestinationReport, KernelServiceReport


def service_to_json(service: Service) -> KernelServiceReport:
    """Return the document of `service`."""
    key = service.key
    return {
        "family": int(key.family),
        "transport": key.transport.name,
        "address": address_text(key.address) if key.address else "",
        "port": key.port,
        "fwmark": key.fwmark,
        "scheduler": service.scheduler,
        "scheduler_flags": int(service.scheduler_flags),
        "persistent_s": service.persistent_s,
        "netmask": service.netmask,
        "one_packet": service.one_packet,
        "persistence_engine": service.persistence_engine,
        "destinations": [_destination_to_json(destination) for destination in service.destinations],
    }


def service_from_json(document: KernelServiceReport) -> Service:
    """Return the service of which `document` was made; raise ValueError or KeyError for what is none."""
    address = ip_address(document["address"]) if document["address"] else None
    transport = Transport[document["transport"]]
    return Service(
        key=ServiceKey(Family(document["family"]), transport, address, document["port"], document["fwmark"]),
        scheduler=document["scheduler"],
        scheduler_flags=SchedulerBits(document["scheduler_flags"]),
        persistent_s=document["persistent_s"],
        netmask=document["netmask"],
        one_packet=document["one_packet"],
        persistence_engine=document["persistence_engine"],
        destinations=tuple(_destination_from_json(destination) for destination in document["destinations"]),
    )


def _destination_to_json(destination: Destination) -> KernelDestinationReport:
    return {
        "address": address_text(destination.key.address),
        "port": destination.key.port,
        "forward": destination.forward.name,
        "weight": destination.weight,
        "upper_threshold": destination.upper_threshold,
        "lower_threshold": destination.lower_threshold,
        "tunnel_type": destination.tunnel_type.value,
        "tunnel_port": destination.tunnel_port,
        "tunnel_checksum": destination.tunnel_checksum.value,
    }


def _destination_from_json(document: KernelDestinationReport) -> Destination:
    return Destination(
        key=DestinationKey(ip_address(document["address"]), document["port"]),
        forward=Forward[document["forward"]],
        weight=document["weight"],
        upper_threshold=document["upper_threshold"],
        lower_threshold=document["lower_threshold"],
        tunnel_type=TunnelType(document["tunnel_type"]),
        tunnel_port=document["tunnel_port"],
        tunnel_checksum=TunnelChecksum(document["tunnel_checksum"]),
    )
