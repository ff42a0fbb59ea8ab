"""Where a call may go whose address somebody else chose: to the open internet by https, or to hosts that the operator named.

Staff choose webhooks and servers, strangers choose where their photos lie. None of them may reach what only this
machine can: the name is looked up here, every address it has must be public, and the call goes to the address that
was looked at. A name that changes between the look and the call changes nothing.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from msgspec import Struct

from townhall.kernel.errors import Refused, Unavailable

_NAT64 = ip_network("64:ff9b::/96")
_OURS = tuple(map(ip_network, ("::/32", "64:ff9b:1::/48", "fec0::/10")))
"""Not said to be private, and nobody's on the open internet: IPv4 in IPv6 as of old or by a translator of our own
(RFC 4291, 2765, 8215), and addresses of a site (RFC 3879)."""
_WORDS = "The address must begin with https:// and name a host on the open internet."


class Place(Struct, frozen=True):
    """Where a call goes: the address with its host looked up, and the name it has for TLS and ``Host``."""

    url: str
    host: str
    authority: str


def may_call(address: str, inside: frozenset[str] = frozenset()) -> str:
    """The address, if it is one that may be called. ``inside`` are hosts of one's own network that the operator
    named; http is for them only. Raises ``Refused``."""
    try:
        where = urlsplit(address)
        host, port = where.hostname or "", where.port
    except ValueError:
        raise Refused(_WORDS) from None
    if not host or where.username or where.password or port == 0:
        raise Refused(_WORDS)
    if host in inside and where.scheme in ("http", "https"):
        return address
    if where.scheme != "https" or ((literal := _literal(host)) and not is_public(literal)):
        raise Refused(_WORDS)
    return address


def look_up(address: str, inside: frozenset[str] = frozenset()) -> Place:
    """Where to call. Raises ``Refused`` for an address inside, ``Unavailable`` when the name is not known now."""
    where = urlsplit(may_call(address, inside))
    host, port = where.hostname or "", where.port or (443 if where.scheme == "https" else 80)
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as wrong:
        raise Unavailable(f"the name {host} is not known: {type(wrong).__name__}") from wrong
    found = [ip_address(str(one[4][0]).split("%")[0]) for one in known]
    if host not in inside and not all(map(is_public, found)):
        raise Refused(f"{host} is inside our own network. {_WORDS}")
    shown = f"[{found[0]}]" if found[0].version == 6 else str(found[0])
    path = f"{where.path or '/'}{'?' + where.query if where.query else ''}"
    return Place(f"{where.scheme}://{shown}:{port}{path}", host, where.netloc)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is somebody's on the open internet, also where IPv6 wraps an IPv4 address."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            wrapped = IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(wrapped)
        if any(address in net for net in _OURS):
            return False
    return address.is_global and not address.is_multicast


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
