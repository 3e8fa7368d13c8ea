"""What talk with any mail server needs, whatever the protocol: its words made readable, and whether it is this machine."""

from __future__ import annotations

import ipaddress


def server_text(data: object, length: int = 200) -> str:
    """The words of a server, UTF-8 or GBK, on one line of at most `length` characters."""
    if isinstance(data, bytes):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("gb18030", errors="replace")
    else:
        text = str(data)
    return " ".join(text.split())[:length]


def is_loopback(host: str) -> bool:
    """Whether a connection to this name or address stays on this machine. A name is never looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
