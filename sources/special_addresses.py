"""Addresses that do not belong to a host of the public internet.

The ranges are those of IANA's special-purpose address registries (RFC 6890 and what updates it),
multicast, the reserved and deprecated blocks, and addresses at which clouds serve their machines.
The standard library's own tables lack several, and differ from version to version.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

_IPV4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a provider's customers; 100.100.100.200 is Alibaba's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's services for its machines
        "169.254.0.0/16",  # link-local; the metadata of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # automatic multicast tunnels
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
# All else of IPv6 is loopback, private, link-local, multicast or allotted to nobody.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_IPV6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, drones
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, deprecated, which embeds an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]
# Used in place of the IPv4 address in their last 32 bits: mapped, and NAT64.
_IPV4_IN_IPV6 = [IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")]
_ISATAP = (0x00005EFE, 0x02005EFE)  # the 32 bits before the IPv4 address, in any prefix


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and none it embeds does not.

    Args:
        address: as the resolver gives it; of IPv6 with or without a zone.
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv4Address):
        return not _is_in(ip, _IPV4)
    embedded = IPv4Address(int(ip) & 0xFFFFFFFF)
    if _is_in(ip, _IPV4_IN_IPV6):
        return not _is_in(embedded, _IPV4)
    if int(ip) >> 32 & 0xFFFFFFFF in _ISATAP and _is_in(embedded, _IPV4):
        return False
    return ip in _GLOBAL_UNICAST and not _is_in(ip, _IPV6)


def _is_in(ip: object, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    return any(ip in network for network in networks)
