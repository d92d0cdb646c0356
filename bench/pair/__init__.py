"""A pair of routers in each fault, beside plain keepalived in the same lab: `make bench-pair`."""
