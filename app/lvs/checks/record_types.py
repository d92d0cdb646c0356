"""The types of DNS records that can be asked for, by their names."""

RECORD_TYPES = (
    *("A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"),
    *("CAA", "DNSKEY", "DS", "HTTPS", "NAPTR", "SVCB", "TLSA"),
)
