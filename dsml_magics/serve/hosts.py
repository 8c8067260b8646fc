"""Whom a request was meant for: without a token, a page of another site must not reach the server by a browser (DNS rebinding)."""

import ipaddress
import socket
from collections.abc import Mapping, Sequence

from dsml_magics.serve.protocol.exchange import Refusal

_ANY = "*"
_KEPT = 100


class Hosts:
    """The host names a server answers to, beside addresses: a browser sends an address only for pages of that address.

    Parameters
    ----------
    host
        What the server is bound to.
    allowed
        Further names; ``*`` for any.
    """

    def __init__(self, host: str, allowed: Sequence[str]) -> None:
        # Programs may leave Host out; browsers never do.
        own = {"", "localhost", host.lower(), socket.gethostname().lower()}
        self._names = frozenset(own | {name.lower() for name in allowed})
        self._listed = frozenset(name.lower() for name in allowed)
        self._seen: set[bytes] = set()

    def require(self, headers: Mapping[bytes, bytes]) -> None:
        """Refuse a request that was meant for another host, or that a page of another site sent.

        Raises
        ------
        Refusal
            421 for the header Host, 403 for Origin.
        """
        host = headers.get(b"host", b"")
        if host not in self._seen:
            self._require_host(host)
        origin = headers.get(b"origin")
        if origin is not None and origin.partition(b"://")[2] != host:
            self._require_listed(origin)

    def _require_host(self, host: bytes) -> None:
        name = _name_of(host.decode("latin-1"))
        if _ANY not in self._listed and name not in self._names and not _is_address(name):
            raise Refusal(
                421, f"Expected another Host. Allow it by --allowed-hosts {name[:100]}, or set a token."
            )
        # If any name is allowed there may be no end of them.
        if len(self._seen) < _KEPT:
            self._seen.add(host)

    def _require_listed(self, origin: bytes) -> None:
        name = _name_of(origin.decode("latin-1").partition("://")[2])
        if _ANY not in self._listed and name not in self._listed:
            raise Refusal(
                403, "Expected no request from a page of another site. Allow its host by --allowed-hosts."
            )


def _name_of(host: str) -> str:
    """Return a host without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
