"""The keywords that decide what follows from the checks: which servers stay in, which replace others.

For ``virtual`` blocks.
"""

from app.lvs.model.keyword import Keyword, ValueKind

# fmt: off: a table is read by its rows
AVAILABILITY_KEYWORDS = (
    Keyword(
        name="sorry_port",
        kind=ValueKind.INTEGER,
        label="Sorry Server port",
        low=1,
        high=65535,
        piranha=False,
        help="Port of the sorry server; NAT only. Blank: the Application port.",
    ),
    Keyword(
        name="quorum",
        kind=ValueKind.INTEGER,
        label="Quorum",
        default=1,
        low=1,
        high=65535,
        piranha=False,
        help="Number of servers that must be up for the service to count as available. With fewer, only the sorry "
        "server serves; without a sorry server, the remaining servers continue and an event "
        "reports the lost quorum.",
    ),
    Keyword(
        name="quorum_margin",
        kind=ValueKind.INTEGER,
        label="Quorum margin",
        default=0,
        low=0,
        high=65535,
        piranha=False,
        help="Number of servers above the quorum that must be up before a lost quorum is regained.",
    ),
    Keyword(
        name="max_out",
        kind=ValueKind.INTEGER,
        label="Take out at most",
        default=100,
        unit="percent",
        low=0,
        high=100,
        piranha=False,
        help="Largest share of the active servers that failed checks may take out of rotation; the servers that "
        "failed last are kept in. With a sorry server, this holds only until the quorum is lost: "
        "then the sorry server serves alone.",
    ),
    Keyword(
        name="tier_need",
        kind=ValueKind.INTEGER,
        label="Servers of a tier",
        default=1,
        low=1,
        high=65535,
        piranha=False,
        help="Servers of a higher Tier are brought into rotation only while fewer than this many are "
        "up in the lower tiers.",
    ),
    Keyword(
        name="slow_start",
        kind=ValueKind.INTEGER,
        label="Slow start",
        default=0,
        unit="seconds",
        low=0,
        high=86400,
        piranha=False,
        help="Time over which a server brought into rotation reaches its full weight, in ten steps. Weights below "
        "10 take coarser steps; weight 1 takes none.",
    ),
    Keyword(
        name="damping",
        kind=ValueKind.INTEGER,
        label="Flap damping",
        default=0,
        unit="seconds",
        low=0,
        high=86400,
        piranha=False,
        help="How long a server stays in or out of rotation after its checks have changed its state.",
    ),
    Keyword(
        name="degraded_ms",
        kind=ValueKind.INTEGER,
        label="Degraded from",
        unit="milliseconds",
        low=1,
        high=86_400_000,
        piranha=False,
        help="A server is degraded when the moving average of its check times exceeds this value, until the "
        "average falls below four fifths of it.",
    ),
    Keyword(
        name="degraded_weight",
        kind=ValueKind.INTEGER,
        label="Weight when degraded",
        default=100,
        unit="percent",
        low=1,
        high=100,
        piranha=False,
        help="Share of its weight that a degraded server keeps; 100: the state is only displayed.",
    ),
    Keyword(
        name="load_port",
        kind=ValueKind.INTEGER,
        label="Load port",
        low=1,
        high=65535,
        piranha=False,
        help="TCP port on which a server reports its load when Load monitoring tool is agent: one line in the "
        "format of HAProxy's agent-check (75%, up, down, drain, maint, ready).",
    ),
    Keyword(
        name="load_step",
        kind=ValueKind.INTEGER,
        label="Load step",
        default=100,
        unit="percent",
        low=1,
        high=100,
        piranha=False,
        help="Largest change of a weight by a single load reading, as a share of the full weight.",
    ),
    Keyword(
        name="load_floor",
        kind=ValueKind.INTEGER,
        label="Load floor",
        default=1,
        unit="percent",
        low=1,
        high=100,
        piranha=False,
        help="Smallest share of its weight that a server keeps, regardless of the load it reports.",
    ),
)
# fmt: on
