import pytest

from emulators.onefichier import whirlpool
from emulators.onefichier.whirlpool import Digest, PythonWhirlpool

VECTORS = {
    b"": (
        "19fa61d75522a4669b44e39c1d2e1726c530232130d407f89afee0964997f7a7"
        "3e83be698b288febcf88e3e03c4f0757ea8964e59b63d93708b138cc42a66eb3"
    ),
    b"abc": (
        "4e2448a4c6f486bb16b6562c73b4020bf3043e3a731bce721ae1b303d97e6d4c"
        "7181eebdb6c57e277d0e34957114cbd6c797fc9d95d8b582d225292076d4eef5"
    ),
    b"hello!": (
        "db00e1208bbae994b4479064911199c52a71fcbb9260ac84c27f3fca3e671182"
        "583ff0b080f035e85b3a4332b3a95c99ac9249e39cffee6e1d9fdfe2b34c036d"
    ),
}


@pytest.fixture(params=[whirlpool, PythonWhirlpool], ids=["as found", "pure Python"])
def digest(request: pytest.FixtureRequest) -> Digest:
    made: Digest = request.param()
    return made


@pytest.mark.parametrize("data", VECTORS, ids=["empty", "abc", "hello!"])
def test_agrees_with_the_published_vectors(digest: Digest, data: bytes) -> None:
    digest.update(data)

    assert digest.hexdigest() == VECTORS[data]


@pytest.mark.parametrize("size", [31, 32, 33, 63, 64, 65, 1000])
def test_both_implementations_agree_around_the_block_size(size: int) -> None:
    found, pure = whirlpool(), PythonWhirlpool()
    for digest in (found, pure):
        digest.update(bytes(range(256))[: size // 3])
        digest.update(b"x" * (size - size // 3))

    assert found.hexdigest() == pure.hexdigest()


def test_goes_on_after_a_digest_was_read(digest: Digest) -> None:
    digest.update(b"a")
    digest.hexdigest()
    digest.update(b"bc")

    assert digest.hexdigest() == VECTORS[b"abc"]
