"""The Merkle tree of RFC 6962 over a list that only ever grows: root, inclusion and consistency proofs, and how they are checked.

A proof is made from stored nodes: `node(level, place)` is the hash over the complete subtree of 2**level leaves that begins at
leaf `place` * 2**level. Whoever appends stores each of them once, when it becomes complete.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

# Returns the hash of a complete subtree, by its level (leaves: 0) and its place among those of the level.
NodeAt = Callable[[int, int], bytes]
Node = tuple[int, int, bytes]

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def nodes_of(size: int, node: NodeAt, hashes: Iterable[bytes]) -> Iterator[Node]:
    """Yield level, place and hash of each node that becomes complete as these leaves are appended to a tree of `size`.

    Of the tree that is there no more is read than the subtrees it ends with.
    """
    ends: list[bytes] = [node(level, place) for level, place in _peaks(size)]
    for place, hashed in enumerate(hashes, size):
        level, at = 0, place
        yield level, at, hashed
        while at % 2:
            level, at = level + 1, at // 2
            hashed = node_hash(ends.pop(), hashed)  # noqa: PLW2901 - the same path, one level up
            yield level, at, hashed
        ends.append(hashed)


def root(size: int, node: NodeAt) -> bytes:
    """Return the root of the first `size` leaves."""
    return _over(0, size, node) if size else EMPTY_ROOT


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root of a list of leaves, given as their data."""
    known = {(level, place): hashed for level, place, hashed in nodes_of(0, _none, map(leaf_hash, leaves))}
    return root(len(leaves), lambda level, place: known[level, place])


def inclusion(index: int, size: int, node: NodeAt) -> list[bytes]:
    """Return the proof that a leaf is among the first `size`, lowest first. Raises ValueError where it is not."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} among {size}")
    proof: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            proof.append(_over(middle, end, node))
            end = middle
        else:
            proof.append(_over(begin, middle, node))
            begin = middle
    return proof[::-1]


def consistency(first: int, second: int, node: NodeAt) -> list[bytes]:
    """Return the proof that the first `first` of `second` leaves are what they were, lowest first. Raises ValueError."""
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {first} leaves does not become one of {second}")
    if first in (0, second):
        return []
    proof: list[bytes] = []
    begin, end = 0, second
    while end != first:
        middle = begin + _split(end - begin)
        if first <= middle:
            proof.append(_over(middle, end, node))
            end = middle
        else:
            proof.append(_over(begin, middle, node))
            begin = middle
    # Who checks the proof knows the old root: it is not told where it is a subtree of the new one.
    if begin:
        proof.append(_over(begin, end, node))
    return proof[::-1]


def is_included(hashed: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Tell whether a proof leads from a leaf's hash to this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, hashed
    for other in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = node_hash(other, found)
            while at and not at % 2:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, other)
        at, last = at >> 1, last >> 1
    return last == 0 and found == expected


def is_consistent(first: int, second: int, proof: Sequence[bytes], was: bytes, now: bytes) -> bool:
    """Tell whether a proof shows that the tree with root `was` has grown to that with root `now` (RFC 9162, 2.1.4.2)."""
    if not 0 <= first <= second:
        return False
    if first in (0, second):
        return not proof and was == (EMPTY_ROOT if first == 0 else now)
    steps = list(proof)
    if first & (first - 1) == 0:
        steps.insert(0, was)
    if not steps:
        return False
    at, last = _past_ones(first - 1, second - 1)
    old = new = steps[0]
    for other in steps[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while at and not at % 2:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, other)
        at, last = at >> 1, last >> 1
    return last == 0 and (old, new) == (was, now)


def _past_ones(at: int, last: int) -> tuple[int, int]:
    while at % 2:
        at, last = at >> 1, last >> 1
    return at, last


def _split(count: int) -> int:
    """Return the largest power of two below `count`, which is more than one."""
    return 1 << (count - 1).bit_length() - 1


def _peaks(size: int) -> Iterator[tuple[int, int]]:
    """Yield level and place of the complete subtrees that a tree consists of, the largest first."""
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            yield level, (size >> level) - 1


def _over(begin: int, end: int, node: NodeAt) -> bytes:
    """Return the hash over a part of the leaves that the recursion of RFC 6962 comes to."""
    count = end - begin
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, begin >> level)
    middle = begin + _split(count)
    return node_hash(_over(begin, middle, node), _over(middle, end, node))


def _none(level: int, place: int) -> bytes:
    raise LookupError(f"an empty tree has no node {place} of level {level}")
