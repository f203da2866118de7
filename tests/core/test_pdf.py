"""Sheets of paper: Chinese is there as text, and what a person wrote is text too."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader
from typst import TypstError

from core import pdf

TEMPLATE = """#import "house.typ": *
#show: sheet.with(title: data.title)
#song(20pt)[#data.title]

#data.body
#image(bytes(data.qr), format: "svg", width: 20mm)
"""


@pytest.fixture
def letter(tmp_path, monkeypatch):
    house = Path(pdf.FOLDER, "house.typ").read_text()
    (tmp_path / "house.typ").write_text(house)
    (tmp_path / "letter.typ").write_text(TEMPLATE)
    monkeypatch.setattr(pdf, "FOLDER", tmp_path)
    return "letter"


def data(**changed):
    return {"title": "湖州公安惠民行动", "body": "您好,谢谢。", "qr": pdf.qr("https://example.org/"), **changed}


def test_a_sheet_is_a4_and_its_chinese_can_be_read_and_copied(letter):
    [page] = PdfReader(io.BytesIO(pdf.render(letter, data()))).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    assert "湖州公安惠民行动" in page.extract_text()
    assert "您好" in page.extract_text()


def test_fonts_are_in_the_file(letter):
    [page] = PdfReader(io.BytesIO(pdf.render(letter, data()))).pages
    fonts = [font.get_object()["/BaseFont"] for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all("+Noto" in font for font in fonts)


@pytest.mark.parametrize("typed", ['#panic("x")', "*粗*", "$x$ @you <label>", '\\ #read("/etc/passwd")', "= 标题"])
def test_what_a_person_wrote_is_never_markup(letter, typed):
    [page] = PdfReader(io.BytesIO(pdf.render(letter, data(body=typed)))).pages
    assert typed.replace(" ", "") in page.extract_text().replace(" ", "").replace("\n", "")


def test_the_same_moment_gives_the_same_bytes(letter):
    at = datetime(2027, 3, 1, tzinfo=UTC)
    assert pdf.render(letter, data(), at=at) == pdf.render(letter, data(), at=at)


def test_a_template_that_misses_data_says_so(letter):
    with pytest.raises(TypstError, match="title"):
        pdf.render(letter, {"body": ""})


def test_pages_can_be_looked_at(letter):
    [picture] = pdf.render_png(letter, data(), ppi=40)
    assert picture.startswith(b"\x89PNG")
