"""BLAKE2sp, which rar 5 has in place of CRC-32 when asked: eight BLAKE2s side by side, and one over their results.

"BLAKE2: simpler, smaller, fast as MD5" (2013), 2.10 and 2.11; RFC 7693 leaves the tree modes out. The leaves take blocks of
64 bytes in turn.
"""

from __future__ import annotations

from hashlib import blake2s

_LEAVES, _BLOCK, _SIZE = 8, 64, 32
_ROUND = _LEAVES * _BLOCK


def blake2sp(data: bytes) -> bytes:
    """The 32 bytes of the digest, without a key."""
    root = blake2s(fanout=_LEAVES, depth=2, inner_size=_SIZE, node_depth=1, last_node=True)
    for number in range(_LEAVES):
        leaf = blake2s(fanout=_LEAVES, depth=2, inner_size=_SIZE, node_offset=number, last_node=number == _LEAVES - 1)
        for at in range(number * _BLOCK, len(data), _ROUND):
            leaf.update(data[at : at + _BLOCK])
        root.update(leaf.digest())
    return root.digest()
