"""The lab: a real kernel with IPVS in it, and a small cluster in network namespaces.

Owns how Palometa is set up, run and tested from a clone. The product must not import it.
"""
