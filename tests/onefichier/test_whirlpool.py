"""The vectors are the service's: rclone holds every upload against them."""

import pytest

from onefichier import new_whirlpool, whirlpool_is_available

# In halves, as they are longer than a line.
VECTORS = {
    b"": (
        "19fa61d75522a4669b44e39c1d2e1726c530232130d407f89afee0964997f7a7",
        "3e83be698b288febcf88e3e03c4f0757ea8964e59b63d93708b138cc42a66eb3",
    ),
    b"abc": (
        "4e2448a4c6f486bb16b6562c73b4020bf3043e3a731bce721ae1b303d97e6d4c",
        "7181eebdb6c57e277d0e34957114cbd6c797fc9d95d8b582d225292076d4eef5",
    ),
    b"hello!": (
        "db00e1208bbae994b4479064911199c52a71fcbb9260ac84c27f3fca3e671182",
        "583ff0b080f035e85b3a4332b3a95c99ac9249e39cffee6e1d9fdfe2b34c036d",
    ),
}


@pytest.mark.parametrize("content", VECTORS)
def test_the_checksum_is_the_one_of_the_service(content: bytes) -> None:
    computation = new_whirlpool()
    assert whirlpool_is_available()
    assert computation is not None
    for byte in content:
        computation.update(bytes([byte]))
    assert computation.hexdigest() == "".join(VECTORS[content])
