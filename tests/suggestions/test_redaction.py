"""What a text says of people is marked, whatever it is called and however it is spelt."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggestions.redaction import Kind, Known, marks, neutral, pieces, sealed_marks, without_known

GREETINGS = [
    ("您好，孙女士！感谢反映。", "您好！感谢反映。"),
    ("孙丽华，您好！", "您好！"),
    ("阿卜杜热合曼·阿卜杜克热木先生，您好！", "您好！"),
    ("Mr. Smith，您好！", "您好！"),
    ("孙女士、李先生，您好！", "您好！"),
    ("孙女士：感谢您的反映。", "感谢您的反映。"),
    ("你好孙姐，已修好。", "你好，已修好。"),
    ("孙女士,上午好！", "上午好！"),
    ("费女士，您好！已经办好。", "您好！已经办好。"),
    ("尊敬的陆先生:您好,已核实。", "您好,已核实。"),
    ("王大爷您好。路灯修好了。", "您好。路灯修好了。"),
    ("老孙，您好！", "您好！"),
    ("您好，老孙！", "您好！"),
    ("欧阳女士，您好", "您好"),
    ("您好，欧阳先生、孙女士。", "您好。"),
    ("张三，你好：", "你好："),
    ("湖州市公安局答复：\n孙女士，您好！", "湖州市公安局答复：\n您好！"),
    ("Dear Mr. Smith, thank you.", "thank you."),
    ("修好后打您13812345678。", "修好后打您***********。"),
    ("修好后打您138-1234-5678。", "修好后打您*************。"),
]


@pytest.mark.parametrize(("signed", "shown"), GREETINGS)
def test_a_neutral_answer_greets_nobody_by_name(signed, shown):
    assert neutral(signed) == shown


SAID = [
    (Kind.PHONE, "199 1234 5679"),
    (Kind.PHONE, "199-1234-5679"),
    (Kind.PHONE, "199.1234.5679"),
    (Kind.PHONE, "１９９１２３４５６７９"),
    (Kind.PHONE, "１９９－１２３４－５６７９"),
    (Kind.PHONE, "+86 199 1234 5679"),
    (Kind.PHONE, "0572-2123456"),
    (Kind.PHONE, "0572 2123456"),
    (Kind.PHONE, "(0572)2123456"),
    (Kind.PHONE, "+852 2345 6789"),
    (Kind.PHONE, "400-820-8820"),
    (Kind.PHONE, "一三八零零零零一二三四"),
    (Kind.PHONE, "幺九九 幺二三四 五六七九"),
    (Kind.ID, "33050219500101123X"),
    (Kind.ID, "330502 19500101 1234"),
    (Kind.ID, "E12345678"),
    (Kind.CARD, "6222 0212 3456 7890 123"),
    (Kind.CARD, "6222021234567890"),
    (Kind.PLATE, "浙E12345"),
    (Kind.PLATE, "浙E·D12345"),
    (Kind.PLATE, "浙 e 12345"),
    (Kind.PLATE, "浙EAB123学"),
    (Kind.EMAIL, "mailcanaryzq@example.org"),
    (Kind.EMAIL, "canary @ example.com.cn"),
    (Kind.HOUSE, "501室"),
    (Kind.HOUSE, "3号楼2单元501室"),
    (Kind.HOUSE, "3幢2单元501"),
    (Kind.HOUSE, "8-2-301"),
    (Kind.HOUSE, "三单元五零二室"),
    (Kind.NAME, "孙女士"),
    (Kind.NAME, "孙丽华女士"),
    (Kind.NAME, "欧阳先生"),
    (Kind.NAME, "Mr. Smith"),
]


@pytest.mark.parametrize(("kind", "secret"), SAID)
def test_what_tells_who_somebody_is_is_marked_wherever_it_stands(kind, secret):
    said = f"昨天下午{secret}，请看一下。"
    found = marks(said)
    covered = {place for mark in found for place in range(mark.start, mark.end)}
    assert covered >= set(range(4, 4 + len(secret))), found
    assert kind in {mark.kind for mark in found}
    assert neutral(said) == f"昨天下午{'*' * len(secret)}，请看一下。"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("微信wxcanaryzq", "微信**********"),
        ("加我微信：canary_zq-1 谢谢", "加我微信：*********** 谢谢"),
        ("QQ 123456789", "QQ *********"),
        ("qq号是12345", "qq号是*****"),
        ("短号612345", "短号******"),
        ("我叫卡那瑞甲 住织里", "我叫**** 住织里"),
        ("我叫孙丽华，", "我叫***，"),
        ("本人孙丽华，住织里", "本人***，住织里"),
        ("联系人：孙丽华", "联系人：***"),
        ("我姓孙。", "我姓*。"),
        ("昨天，阿卜杜热合曼·阿卜杜克热木，", "昨天，*************，"),
        ("晚上太吵。\n孙丽华", "晚上太吵。\n***"),
        ("电话2123456", "电话*******"),
        ("织里路123号门口", "织里路****门口"),
        ("您好！沈女士反映的情况已核实。", "您好！***反映的情况已核实。"),
        ("感谢高先生的理解", "感谢***的理解"),
    ],
)
def test_by_the_words_before_it(said, shown):
    assert neutral(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "您好,民警已到现场劝导。",
        "民警先生已到现场。",
        "五号楼路灯不亮，12月7日17:00起停电，2026-11-27恢复，费用100元。",
        "与2026-002630合并处理",
        "请拨打110或12345",
        "各位居民：您好",
        "市民您好！感谢您的来信。",
        "路灯",
        "路灯坏了。\n谢谢",
        "何时能修好，您给个说法",
        "小区门口的路灯和小学旁边的路",
    ],
)
def test_what_names_nobody_stays(said):
    assert neutral(said) == said
    assert marks(said) == []


KNOWN = Known(("孙丽华女士", "Anna Smith"), ("+8613812345678",))


@pytest.mark.parametrize(
    "spelt",
    [
        "孙丽华", "孙 丽 华", "孙·丽·华", "Anna Smith", "ANNA SMITH", "annasmith",
        "13812345678", "138 1234 5678", "138-1234-5678", "１３８－１２３４－５６７８", "138、1234、5678",
        "一三八一二三四五六七八", "幺三八 1234 5678", "138\n1234\n5678",
    ],
)  # fmt: skip
def test_what_the_case_knows_is_found_in_any_spelling(spelt):
    said = f"请找{spelt}。"
    found = sealed_marks(said, KNOWN)
    assert [(mark.start, mark.end) for mark in found] == [(2, 2 + len(spelt))]
    assert without_known(said, KNOWN) == f"请找{'*' * len(spelt)}。"
    assert not sealed_marks(neutral(said, KNOWN), KNOWN)


@pytest.mark.parametrize("name", ["匿名", "热心市民", "李", "", "先生", "·"])
def test_a_name_that_names_nobody_is_looked_for_nowhere(name):
    assert not Known((name,), ("", "110"))


def test_nothing_of_what_is_known_can_reach_a_log():
    assert "孙" not in repr(KNOWN)
    assert "138" not in repr(KNOWN)


@given(st.text(st.sampled_from("孙丽华女士您好，！:：\n13812345678 -室幢浙EQq微信@a.com·我叫Mr S"), max_size=60))
def test_marks_are_apart_in_order_and_the_pieces_are_the_text(said):
    found = marks(said, KNOWN)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(0 <= mark.start < mark.end <= len(said) for mark in found)
    assert "".join(piece.words for piece in pieces(said, found)) == said
    assert not sealed_marks(neutral(said, KNOWN), KNOWN)


def test_a_long_text_of_the_worst_kind_is_marked_in_a_moment():
    start = time.perf_counter()
    for worst in ("1 " * 2500, "孙" * 5000, "三单元" * 1600, "孙女士、" * 1200, "a@" * 2500, "您好，" * 1600):
        marks(worst, KNOWN)
    assert time.perf_counter() - start < 6
