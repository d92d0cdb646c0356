"""The demonstration cluster in network namespaces: a client, one or two directors, and web servers.

Owns the namespaces and the processes started in them, and removes everything after `with`. Programs no IPVS table.
"""

import signal
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any, Self

from lab import namespaces, programs
from lab.network import (
    CLIENT,
    DIRECTOR,
    DIRECTOR2,
    PRIVATE_DIRECTOR4,
    PRIVATE_DIRECTOR6,
    VIRTUAL4,
    VIRTUAL6,
    Node,
    web_server,
    with_prefix,
)

SWITCH = "switch"
CLONE = Path(__file__).resolve().parent.parent
_BRIDGES = ("public", "private")


class Cluster:
    """A running cluster; use it in `with`."""

    def __init__(
        self, web_servers: int = 3, tcp: Sequence[int] = (80,), udp: Sequence[int] = (7,), directors: int = 1
    ) -> None:
        """Describe a cluster whose web servers answer on the given ports; `with` builds it."""
        self.web_servers = tuple(web_server(number) for number in range(1, web_servers + 1))
        self.directors = (DIRECTOR, DIRECTOR2)[:directors]
        self.nodes = (CLIENT, *self.directors, *self.web_servers)
        self._tcp, self._udp = tcp, udp
        self._undo = ExitStack()
        self._serving: dict[str, programs.Running] = {}

    def __enter__(self) -> Self:
        """Build networks and nodes, start the web servers, and wait until each of them answers."""
        try:
            self._build()
        except BaseException:
            self._undo.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def run(
        self, namespace: str, command: Sequence[str], *, check: bool = True, timeout_s: float = 60.0
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` in `namespace` and return its output; with `check`, raise if it fails."""
        return subprocess.run(
            _inside(namespace, command), capture_output=True, text=True, check=check, timeout=timeout_s, cwd=CLONE
        )

    def start(self, namespace: str, command: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        """Start `command` in `namespace` with Popen's `options`; it is ended with the cluster if not before."""
        # In its own session: Ctrl-C should reach only the process that built the cluster.
        defaults: dict[str, Any] = {"cwd": CLONE, "start_new_session": True}
        process = subprocess.Popen(_inside(namespace, command), text=True, **(defaults | options))
        self._undo.callback(end, process)
        return process

    def start_program(self, program: programs.Program, *, is_read: bool = False) -> programs.Running:
        """Start `program`; it is ended with the cluster if not before."""
        running = programs.start(program, is_read=is_read)
        self._undo.callback(end, running)
        return running

    def start_web_servers(self, *names: str) -> None:
        """Start the servers of the web servers with these names, and wait until all of them answer."""
        for name in names:
            arguments = (name, "--tcp", *map(str, self._tcp), "--udp", *map(str, self._udp))
            server = programs.Program("lab.webserver", arguments, name)
            self._serving[name] = self.start_program(server, is_read=True)
        for name in names:
            said = self._serving[name].stdout
            if said is None or said.readline() != "ready\n":
                raise RuntimeError(f"The web server of {name} ended before it answered; see its output above.")

    def stop_web_server(self, name: str) -> None:
        """Kill the server of web server `name`: its ports refuse connections, its host stays up."""
        end(self._serving.pop(name))

    def is_serving(self, name: str) -> bool:
        """Return whether the server of web server `name` runs, even if it hangs."""
        return name in self._serving

    def hang_web_server(self, name: str) -> None:
        """Suspend the server of web server `name`: it accepts connections but stays silent."""
        self._serving[name].send_signal(signal.SIGSTOP)

    def wake_web_server(self, name: str) -> None:
        """Resume a suspended server."""
        self._serving[name].send_signal(signal.SIGCONT)

    def cut_off(self, *names: str, interface: str = "") -> None:
        """Unplug these nodes from all networks, or from that of `interface`, until `plug_in_again`."""
        self._set_plugs(names, "down", interface)

    def plug_in_again(self, *names: str) -> None:
        """Undo `cut_off`."""
        self._set_plugs(names, "up")

    def part_directors(self, interface: str = "eth0") -> None:
        """Block traffic between the two directors on that network only."""
        self._isolate(interface, "on")

    def join_directors(self, interface: str = "eth0") -> None:
        """Undo `part_directors`."""
        self._isolate(interface, "off")

    def _isolate(self, interface: str, state: str) -> None:
        for node in self.directors:
            _set_port(node.name, interface, "isolated", state)

    def deafen(self, name: str, to: str) -> None:
        """Drop what node `to` sends to the hardware address of node `name`, in this direction only."""
        hardware = self.run(name, ["cat", "/sys/class/net/eth0/address"]).stdout.strip()
        self._lose(to, ["protocol", "all", "flower", "dst_mac", hardware])

    def lose_adverts(self, name: str) -> None:
        """Drop the VRRP packets of node `name`, and nothing else."""
        self._lose(name, ["protocol", "ip", "flower", "ip_proto", "0x70"])

    def isolate(self, name: str) -> None:
        """Block all traffic of node `name` on the public network; its link stays up."""
        _set_port(name, "eth0", "state", "disabled")

    def let_in_again(self, name: str) -> None:
        """Undo `isolate`."""
        _set_port(name, "eth0", "state", "forwarding")

    def _lose(self, sender: str, match: list[str]) -> None:
        tc = ["tc", "-netns", SWITCH]
        device = ["dev", f"{sender}-eth0"]
        subprocess.run([*tc, "qdisc", "add", *device, "ingress"], check=True)
        subprocess.run([*tc, "filter", "add", *device, "ingress", *match, "action", "drop"], check=True)

    def hear_again(self, to: str) -> None:
        """Undo `deafen` and `lose_adverts` for node `to`."""
        subprocess.run(["tc", "-netns", SWITCH, "qdisc", "delete", "dev", f"{to}-eth0", "ingress"], check=True)

    def delete_interface(self, name: str, interface: str) -> None:
        """Delete `interface` of node `name`."""
        namespaces.ip(name, [f"link delete {interface}"])

    def make_interface(self, name: str, interface: str) -> None:
        """Undo `delete_interface`: create an interface with the same name and addresses."""
        for node in self.nodes:
            if node.name == name:
                _plug_in([Node(name, tuple(leg for leg in node.legs if leg.interface == interface))])

    def power_off(self, name: str) -> None:
        """Remove director `name` immediately, with its processes and kernel state."""
        namespaces.end_all([name])
        # The kernel would delete their other ends with the namespace too, but only later.
        namespaces.ip(SWITCH, [f"link delete {name}-{leg.interface}" for leg in self._node(name).legs])
        namespaces.delete([name])

    def power_on(self, name: str) -> None:
        """Undo `power_off`: create a node with the same name and addresses; nothing runs on it yet."""
        namespaces.add([name])
        _plug_in([self._node(name)])

    def _node(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)

    def slow_down(self, name: str, delay_ms: int) -> None:
        """Delay every packet to node `name`, until `speed_up`; needs the kernel's netem."""
        self._delay(name, "replace", "netem", "delay", f"{delay_ms}ms")

    def speed_up(self, name: str) -> None:
        """Undo `slow_down`."""
        self._delay(name, "delete")

    def _delay(self, name: str, verb: str, *queue: str) -> None:
        for node in self.nodes:
            for leg in node.legs if node.name == name else ():
                device = f"{name}-{leg.interface}"
                command = ["tc", "-netns", SWITCH, "qdisc", verb, "dev", device, "root", *queue]
                subprocess.run(command, check=True)

    def _set_plugs(self, names: Sequence[str], state: str, interface: str = "") -> None:
        plugs = [
            f"{node.name}-{leg.interface}"
            for node in self.nodes
            if node.name in names
            for leg in node.legs
            if interface in ("", leg.interface)
        ]
        # The bridge's end, so that the node keeps its addresses and routes.
        namespaces.ip(SWITCH, [f"link set {plug} {state}" for plug in plugs])

    def add_virtual_address(self, address: IPv4Address | IPv6Address) -> None:
        """Make every web server accept packets to `address`, without answering ARP or NDP for it."""
        for node in self.web_servers:
            namespaces.ip(node.name, [f"address add {with_prefix(address)} dev lo"])

    def route_back_through_director(self) -> None:
        """Route the web servers' answers through the director, as NAT requires.

        Their public interfaces go down, so that the client's network is no longer directly connected.
        """
        for node in self.web_servers:
            namespaces.ip(node.name, ["link set eth0 down", f"route replace default via {PRIVATE_DIRECTOR4}"])
            namespaces.ip(node.name, [f"route replace default via {PRIVATE_DIRECTOR6}"])

    def _build(self) -> None:
        names = [SWITCH, *(node.name for node in self.nodes)]
        self._undo.callback(namespaces.delete, names)
        namespaces.add(names)
        bridges = [f"link add {bridge} type bridge mcast_snooping 0" for bridge in _BRIDGES]
        namespaces.ip(SWITCH, [*bridges, *(f"link set {bridge} up" for bridge in _BRIDGES)])
        # The modules create tunnel devices in every namespace.
        subprocess.run(["modprobe", "--all", "--quiet", "ipip", "ip6_tunnel"], check=False)
        _plug_in(self.nodes)
        for node in self.web_servers:
            _make_real_server(node)
        self.start_web_servers(*(node.name for node in self.web_servers))


def _make_real_server(node: Node) -> None:
    """Add the virtual addresses to `node` without answering ARP, and the ends of its IP-in-IP tunnels."""
    namespaces.set_sysctls(node.name, {"net.ipv4.conf.all.arp_ignore": 1, "net.ipv4.conf.all.arp_announce": 2})
    tunnels = [name for name in ("tunl0", "ip6tnl0") if namespaces.has_interface(node.name, name)]
    addresses = [f"address add {with_prefix(address)} dev lo" for address in (VIRTUAL4, VIRTUAL6)]
    namespaces.ip(node.name, [*addresses, *(f"link set {name} up" for name in tunnels)])
    namespaces.set_sysctls(node.name, {f"net.ipv4.conf.{name}.rp_filter": 0 for name in tunnels})


def end(process: programs.Running) -> None:
    """Terminate `process`, kill it if necessary, and reap it."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _plug_in(nodes: Sequence[Node]) -> None:
    plugs = [(node, leg) for node in nodes for leg in node.legs]
    namespaces.ip(
        SWITCH,
        [
            f"link add {node.name}-{leg.interface} type veth peer name {leg.interface} netns {node.name}"
            for node, leg in plugs
        ]
        + [f"link set {node.name}-{leg.interface} master {leg.bridge} up" for node, leg in plugs],
    )
    for node in nodes:
        lines = ["link set lo up"]
        for leg in node.legs:
            lines += [
                f"link set {leg.interface} up",
                f"address add {leg.ipv4}/24 dev {leg.interface}",
                f"address add {leg.ipv6}/64 dev {leg.interface} nodad",
            ]
        namespaces.ip(node.name, lines)


def _inside(namespace: str, command: Sequence[str]) -> list[str]:
    return ["ip", "netns", "exec", namespace, *command]


def _set_port(node: str, interface: str, what: str, value: str) -> None:
    """Change the bridge port that `interface` of node `node` is plugged into."""
    command = ["bridge", "-netns", SWITCH, "link", "set", "dev", f"{node}-{interface}", what, value]
    subprocess.run(command, check=True)
