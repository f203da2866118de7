"""The translation check: what has no finished Chinese sentence is named, and fails."""

import importlib.machinery
import importlib.util
from pathlib import Path

import polib
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "script" / "messages"
FINISHED = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Reply"\nmsgstr "答复"\n'


@pytest.fixture(scope="module")
def messages():
    loader = importlib.machinery.SourceFileLoader("messages", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("messages", loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def catalogue(tmp_path):
    def write(more=""):
        po = tmp_path / "django.po"
        po.write_text(FINISHED + more)
        return po

    return write


def test_a_whole_catalogue_passes(messages, catalogue):
    assert messages.report(catalogue()) == 0


@pytest.mark.parametrize(
    "unfinished",
    [
        '\nmsgid "Close"\nmsgstr ""\n',
        '\n#, fuzzy\nmsgid "Close"\nmsgstr "打开"\n',
        '\nmsgid "Close"\nmsgid_plural "Closes"\nmsgstr[0] ""\n',
    ],
    ids=["empty", "fuzzy", "empty plural"],
)
def test_an_unfinished_message_fails_and_is_named(messages, catalogue, capsys, unfinished):
    assert messages.report(catalogue(unfinished)) == 1
    assert "'Close'" in capsys.readouterr().out


def test_words_on_the_pages_where_people_show_who_they_are():
    """A finger's print is kept of nobody, and proving who one is goes by one name."""
    pages = polib.pofile(str(SCRIPT.parents[1] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))
    assert [one.msgid for one in pages if "指纹" in one.msgstr] == ["Fingerprint, face or a key on a cord."]
    assert [one.msgid for one in pages if "实名核验" in one.msgstr] == []
