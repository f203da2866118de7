"""How a sentence comes out of a particular pair of hands: dialect, dictation, slips, loose commas, emoji."""

from random import Random

from demo_city.suggestions.people import Persona

_DIALECT = (
    ("什么时候", "啥辰光"),
    ("时候", "辰光"),
    ("知道", "晓得"),
    ("今天", "今朝"),
    ("昨天", "昨日"),
    ("明天", "明朝"),
    ("家里", "屋里"),
    ("小孩", "小囡"),
    ("早上", "早浪"),
    ("晚上", "夜里"),
    ("怎么办", "哪能办"),
    ("没有", "呒没"),
    ("不要", "勿要"),
    ("一点", "一眼眼"),
    ("太吵", "吵煞"),
    ("害怕", "吓煞"),
    ("什么", "啥"),
    ("为什么", "为啥"),
    ("隔壁", "隔壁头"),
)
_SLIPS = (
    ("已经", "以经"),
    ("证明", "正明"),
    ("办理", "办里"),
    ("户口", "户囗"),
    ("电瓶车", "电频车"),
    ("红绿灯", "红路灯"),
    ("派出所", "派初所"),
    ("噪音", "燥音"),
    ("监控", "监空"),
    ("再", "在"),
    ("的话", "得话"),
    ("走得", "走的"),
    ("登记", "登计"),
    ("那里", "哪里"),
    ("影响", "影向"),
    ("解决", "解觉"),
    ("安全", "安权"),
    ("希望", "西望"),
    ("车位", "车卫"),
    ("反映", "反应"),
    ("民警", "民井"),
    ("辛苦", "幸苦"),
    ("巡逻", "寻逻"),
    ("联系", "连系"),
)
_EMOJI = ("🙏", "😂", "😭", "👍", "😡", "🌹", "😓", "🤝", "❤️")
_FULL_WIDTH = {ord(digit): 0xFF10 + int(digit) for digit in "0123456789"}


def restyle(rng: Random, text: str, persona: Persona) -> str:
    """The text as this persona would send it."""
    if rng.random() < persona.dialect:
        text = _swap(rng, text, _DIALECT, at_most=3)
    if rng.random() < persona.dictates:
        return dictated(rng, text)
    if rng.random() < persona.typos:
        text = _swap(rng, text, _SLIPS, at_most=2)
    if rng.random() < persona.loose:
        text = loosened(rng, text)
    if rng.random() < persona.typos * 0.15:
        text = text.translate(_FULL_WIDTH)
    return text + rng.choice(_EMOJI) * rng.randint(1, 3) if rng.random() < persona.emoji else text


def dictated(rng: Random, text: str) -> str:
    """Spoken into a telephone: hardly a comma, fillers, misheard words, and a goodbye."""
    text = _swap(rng, text, _SLIPS, at_most=3)
    for mark in "“”（）、；：—":
        text = text.replace(mark, "")
    words = [rng.choice(("", "", "", " ", " ", "嗯", "那个", "就是说", "然后呢")) + piece for piece in _pieces(text)]
    opening = rng.choice(("", "", "喂", "哎你好", "我跟你讲啊", "那个我想问一下"))
    ending = rng.choice(("", "", "就是这个事情", "好的谢谢啊", "就这样啊", "谢谢你们啊再见"))
    return (opening + "".join(words) + " " + ending).strip()


def loosened(rng: Random, text: str) -> str:
    """Half-width commas, spaces for commas, or a missing full stop."""
    comma = rng.choice((",", " ", "，", "，", ", "))
    stop = rng.choice(("。", ".", " ", "！", "。。", "，"))
    return text.replace("，", comma).replace("。", stop).rstrip(" ,，.")


def _pieces(text: str) -> list[str]:
    for mark in "，。？！,?!\n":
        text = text.replace(mark, "\0")
    return [piece for piece in text.split("\0") if piece]


def _swap(rng: Random, text: str, pairs: tuple[tuple[str, str], ...], *, at_most: int) -> str:
    present = [pair for pair in pairs if pair[0] in text]
    rng.shuffle(present)
    for common, other in present[:at_most]:
        text = text.replace(common, other, 1)
    return text
