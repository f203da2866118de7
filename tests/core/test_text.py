"""What people type, cleaned, cut and masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import ascii_digits, clean, mask_name, mask_phone, search_document, search_terms, words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("你\x00好", "你好"),
        ("abc\u202edef", "abcdef"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("👨‍👩‍👧 家", "👨‍👩‍👧 家"),
        ("𠮷野家", "𠮷野家"),
        ("  \u200b ", ""),
    ],
)
def test_clean(typed, kept):
    assert clean(typed) == kept


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)


def test_full_width_digits_and_chinese_punctuation():
    assert ascii_digits("１３８０００，好。") == "138000，好。"


def test_words_hold_the_long_and_the_short():
    assert {"户籍", "办理"} <= set(words("户籍办理太慢"))


HAN = st.text(
    st.sampled_from("广场舞音响太吵老人睡不好小区楼下晚上跳的声电瓶车被偷派出所身份证𠮷"), min_size=1, max_size=40
)


@given(HAN, HAN, HAN)
def test_what_is_typed_is_found_however_the_sentence_around_it_is_cut(before, typed, after):
    assert set(search_terms(typed)) <= set(search_document(before + typed + after).split())


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("广场舞", ["广场", "舞"]),
        ("电瓶车", ["电瓶", "瓶车"]),
        ("狗", ["狗"]),
        ("户口迁移", ["户口", "迁移"]),
        ("４Ｇ 网", ["4g", "网"]),
        ("浙E12345", ["浙", "e12345"]),
        ("、，!?", []),
    ],
)
def test_what_must_occur_for_what_is_typed(typed, terms):
    assert search_terms(typed) == terms


@pytest.mark.parametrize(("name", "masked"), [("张三", "张*"), ("欧阳小明", "欧***"), ("", "")])
def test_mask_name(name, masked):
    assert mask_name(name) == masked


def test_mask_phone():
    assert mask_phone("+8619900001234") == "199****1234"
