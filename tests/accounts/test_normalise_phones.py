import pytest

from accounts.phones import normalise
from core.errors import Invalid


@pytest.mark.parametrize(
    "typed",
    [
        "13800001234",
        "138 0000 1234",
        "138-0000-1234",
        "１３８００００１２３４",
        "+86 138 0000 1234",
        "＋８６１３８００００１２３４",
        "008613800001234",
        "86 13800001234",
        " 13800001234\u202e",
        "(138)00001234",
    ],
)
def test_one_number_however_it_is_typed(typed):
    assert normalise(typed) == "+8613800001234"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1380000123",
        "138000012345",
        "0572-2345678",
        "110",
        "+1 202 555 0143",
        "+852 9123 4567",
        "1380000CALL",
        "13800001234 ext 5",
        "12345678901",
        "\x00",
        "🙂",
        "1" * 5000,
        "' OR 1=1 --",
    ],
)
def test_what_is_not_a_mainland_mobile_is_refused_by_the_field(typed):
    with pytest.raises(Invalid) as refusal:
        normalise(typed)
    assert list(refusal.value.fields) == ["phone"]
