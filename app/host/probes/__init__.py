"""One file for each kind of check: it probes one server once and reports how far it got. Decides nothing."""
