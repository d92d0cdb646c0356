"""Blocks for property tests: a few settings of each kind of value, and names that are awkward."""

from ipaddress import ip_address

from hypothesis import strategies as st

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.schedulers import Scheduler
from app.lvs.model.values import Floating, Network, Prefix

NAMES = st.sampled_from(["web", "dns", "mail", "with blank", "é\N{SNOWMAN}", "'; --"])
ADDRESSES = st.sampled_from([ip_address("192.0.2.7"), ip_address("2001:db8::7")])

SERVERS = st.builds(
    RealServer,
    name=NAMES,
    address=st.none() | ADDRESSES,
    active=st.none() | st.booleans(),
    weight=st.none() | st.integers(0, 65535),
    network=st.none() | st.sampled_from(Network),
)
VIRTUALS = st.builds(
    VirtualServer,
    name=NAMES,
    active=st.none() | st.booleans(),
    address=st.none() | st.builds(Floating, ADDRESSES, st.just("eth0:1")),
    vip_nmask=st.none() | st.builds(Prefix, st.integers(1, 32)),
    port=st.none() | st.integers(0, 65535),
    scheduler=st.none() | st.sampled_from(Scheduler),
    send=st.none() | st.sampled_from(["", "GET / HTTP/1.0\\r\\n", 'a "quoted" {word} # no comment']),
    dirs=st.none() | st.just(("/a", "/b")),
    server=st.lists(SERVERS, max_size=3).map(tuple),
)
GLOBALS = st.builds(
    Config,
    network=st.none() | st.sampled_from(Network),
    primary=st.none() | ADDRESSES,
    heartbeat=st.none() | st.booleans(),
    keepalive=st.none() | st.integers(1, 60),
)
CONFIGS = st.builds(
    Config,
    network=st.none() | st.sampled_from(Network),
    virtual=st.lists(VIRTUALS, max_size=4).map(tuple),
    failover=st.lists(VIRTUALS, max_size=2).map(tuple),
)
