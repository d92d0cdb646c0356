"""The lab: a real kernel with IPVS in it, and a small cluster in network namespaces.

Sets up, runs and tests Palometa from a clone. The product must not import it.
"""
