"""The translation check: what has no finished Chinese sentence is named, and fails."""

import importlib.machinery
import importlib.util
import os
from pathlib import Path

import polib
import pytest

from config import serve
from embedded import LauncherError

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


# --- what is served ---------------------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout whose words nobody has compiled yet, served from there."""
    po = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text(FINISHED)
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "messages").write_text(SCRIPT.read_text())
    monkeypatch.setattr(serve, "ROOT", tmp_path)
    return po


def test_the_launcher_serves_todays_words(checkout, monkeypatch, tmp_path):
    monkeypatch.setattr(serve, "manage", lambda *_, **__: "")
    monkeypatch.setattr(serve, "once", lambda *_: None)
    monkeypatch.setattr(serve, "static_fingerprint", str)
    serve.prepare({"DEMO": "0"}, tmp_path)
    assert "答复".encode() in checkout.with_suffix(".mo").read_bytes()
    checkout.write_text(FINISHED.replace("答复", "回信"))
    os.utime(checkout, (checkout.stat().st_mtime + 5,) * 2)
    serve.prepare({"DEMO": "0"}, tmp_path)
    assert "回信".encode() in checkout.with_suffix(".mo").read_bytes()


def test_it_does_not_start_with_words_that_cannot_be_compiled(checkout):
    checkout.with_suffix(".mo").mkdir()
    os.utime(checkout.with_suffix(".mo"), (0, 0))
    with pytest.raises(LauncherError, match="translations"):
        serve.compile_messages()
