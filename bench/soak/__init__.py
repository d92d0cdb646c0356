"""A pair of routers under traffic and edits whose daemons are killed at random: what is acknowledged stays."""
