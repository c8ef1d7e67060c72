"""The Merkle tree, against the published test data of Certificate Transparency and against the definition taken literally."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access import merkle

# certificate-transparency, merkletree/merkle_tree_test: the reference leaves, roots and proofs.
LEAVES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
# Leaf (from 0) and size, and the proof.
INCLUSIONS = {
    (0, 1): (),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CONSISTENCIES = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}


def stored(leaves: Sequence[bytes], parts: Sequence[int] = ()) -> merkle.NodeAt:
    """Append the leaves in parts of these sizes, and the rest; return what reads the stored nodes."""
    known: dict[tuple[int, int], bytes] = {}
    begin = 0
    for count in (*parts, len(leaves)):
        hashes = map(merkle.leaf_hash, leaves[begin : begin + count])
        for level, place, hashed in list(merkle.nodes_of(begin, lambda level, place: known[level, place], hashes)):
            assert (level, place) not in known, "each node is made once"
            known[level, place] = hashed
        begin = min(begin + count, len(leaves))
    return lambda level, place: known[level, place]


def as_defined(leaves: Sequence[bytes]) -> bytes:
    """Return the root as RFC 6962, 2.1, has it."""
    if len(leaves) < 2:
        return hashlib.sha256(b"\x00" + leaves[0]).digest() if leaves else hashlib.sha256(b"").digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + as_defined(leaves[:k]) + as_defined(leaves[k:])).digest()


def path_as_defined(at: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the audit path as RFC 6962, 2.1.1, has it."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if at < k:
        return [*path_as_defined(at, leaves[:k]), as_defined(leaves[k:])]
    return [*path_as_defined(at - k, leaves[k:]), as_defined(leaves[:k])]


def proof_as_defined(first: int, leaves: Sequence[bytes], *, is_whole: bool = True) -> list[bytes]:
    """Return the consistency proof as RFC 6962, 2.1.2, has it."""
    if first == len(leaves):
        return [] if is_whole else [as_defined(leaves)]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if first <= k:
        return [*proof_as_defined(first, leaves[:k], is_whole=is_whole), as_defined(leaves[k:])]
    return [*proof_as_defined(first - k, leaves[k:], is_whole=False), as_defined(leaves[:k])]


def test_roots_and_proofs_are_the_published_ones() -> None:
    node = stored(LEAVES)
    roots = [bytes.fromhex(each) for each in ROOTS]
    assert merkle.root(0, node).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [merkle.root(size, node) for size in range(1, 9)] == roots
    assert [merkle.root_of(LEAVES[:size]) for size in range(1, 9)] == roots
    for (index, size), proof in INCLUSIONS.items():
        assert [each.hex() for each in merkle.inclusion(index, size, node)] == list(proof)
        raw = [bytes.fromhex(each) for each in proof]
        assert merkle.is_included(merkle.leaf_hash(LEAVES[index]), index, size, raw, roots[size - 1])
    for (first, second), proof in CONSISTENCIES.items():
        assert [each.hex() for each in merkle.consistency(first, second, node)] == list(proof)
        raw = [bytes.fromhex(each) for each in proof]
        assert merkle.is_consistent(first, second, raw, roots[first - 1], roots[second - 1])


LISTS = st.lists(st.binary(max_size=3), min_size=1, max_size=40)


@given(LISTS, st.data())
def test_whatever_the_list_and_however_it_grew(leaves: list[bytes], data: st.DataObject) -> None:
    node = stored(leaves, data.draw(st.lists(st.integers(1, 9), max_size=6)))
    second = data.draw(st.integers(1, len(leaves)))
    first, index = data.draw(st.integers(1, second)), data.draw(st.integers(0, second - 1))
    was, now = as_defined(leaves[:first]), as_defined(leaves[:second])
    assert (merkle.root(first, node), merkle.root(second, node)) == (was, now)
    path, proof = merkle.inclusion(index, second, node), merkle.consistency(first, second, node)
    assert path == path_as_defined(index, leaves[:second])
    assert proof == proof_as_defined(first, leaves[:second])
    hashed = merkle.leaf_hash(leaves[index])
    assert merkle.is_included(hashed, index, second, path, now)
    assert merkle.is_consistent(first, second, proof, was, now)
    # Nothing else is proved by it.
    other = hashlib.sha256(hashed).digest()
    assert not merkle.is_included(other, index, second, path, now)
    assert not merkle.is_included(hashed, index, second, [*path, other], now)
    assert not merkle.is_consistent(first, second, [*proof, other], was, now)
    assert not merkle.is_consistent(first, second, proof, other, now)
    assert not merkle.is_consistent(first, second, proof, was, other)
    for shorter in (path[1:], path[:-1]) if path else ():
        assert not merkle.is_included(hashed, index, second, shorter, now)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_what_is_not_there_has_no_proof(index: int, size: int) -> None:
    node = stored(LEAVES)
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion(index, size, node)
    assert not merkle.is_included(merkle.leaf_hash(b""), index, size, [], merkle.root(size, node))
    with pytest.raises(ValueError, match="does not become"):
        merkle.consistency(4, 3, node)
    assert not merkle.is_consistent(4, 3, [], merkle.root(4, node), merkle.root(3, node))
    assert not merkle.is_consistent(3, 4, [], merkle.root(3, node), merkle.root(4, node))
