"""A pair of routers in each fault, compared with plain keepalived in the same lab: `make bench-pair`."""
