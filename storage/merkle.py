"""Merkle tree hashes of RFC 6962 (section 2.1) over SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """Hash of one entry; its prefix keeps an inner node from passing for an entry."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes, left to right; that of no leaves is the hash of nothing.

    Pairing level by level, with an odd last node carried up, gives the tree of the RFC: its left subtree is always
    the largest power of two.
    """
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        carried = [level[-1]] if len(level) % 2 else []
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)] + carried
    return level[0]


def audit_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The nodes beside the way from one leaf up to the root, the lowest first (RFC 6962, section 2.1.1): who has them and the
    entry can compute the root, and need not see the other entries."""
    path, level = [], list(leaves)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        carried = [level[-1]] if len(level) % 2 else []
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)] + carried
        index //= 2
    return path


def left_of_way(count: int, index: int) -> list[bool]:
    """For each node of the audit path of that leaf among `count`, whether it stands left of the way up."""
    found = []
    while count > 1:
        if (index ^ 1) < count:
            found.append(bool(index & 1))
        index, count = index // 2, (count + 1) // 2
    return found


def root_from(leaf: bytes, path: Sequence[bytes], left: Sequence[bool]) -> bytes:
    """The root that a leaf and its audit path lead to."""
    node = leaf
    for beside, is_left in zip(path, left, strict=True):
        node = node_hash(beside, node) if is_left else node_hash(node, beside)
    return node
