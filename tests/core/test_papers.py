"""A PDF keeps its pages and nothing that acts, hides or tells of people; an innocent one is never refused."""

import io
import random
import time
import zlib

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from PIL import ExifTags, Image

from core import papers
from core.made import Refused, is_paper
from core.papers import write_anew
from tests.papers import holds_a_file, named, note, opens_with, paper, script, shows

DEEP = "deep-inside"


def kept(raw: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(write_anew(raw).content))


def all_of_it(raw: bytes) -> str:
    """Every object and every stream of a PDF, readable."""
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        parts = [repr(pdf.trailer)]
        for thing in pdf.objects:
            parts.append(repr(thing))
            if isinstance(thing, pikepdf.Stream):
                packed = "/DCTDecode" in repr(thing.get("/Filter"))
                parts.append((thing.read_raw_bytes() if packed else thing.read_bytes()).decode("latin-1"))
    return "\n".join(parts)


def photo(**options) -> bytes:
    written = io.BytesIO()
    Image.effect_noise((60, 40), 80).convert("RGB").save(written, "JPEG", **options)
    return written.getvalue()


def tells_of_itself(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as notes:
        notes["dc:title"] = DEEP


ACTING = {
    "a script when it is opened": opens_with(script(DEEP)),
    "a script in the names": named("/JavaScript", lambda pdf: Dictionary(script(DEEP))),
    "a script when a page is turned": lambda pdf: pdf.pages[0].obj.__setattr__(
        "AA", Dictionary(O=pdf.make_indirect(Dictionary(script(DEEP))))
    ),
    "a script after a jump": opens_with(
        {"/S": Name.GoTo, "/D": "x", "/Next": Array([Dictionary(S=Name.GoTo, D="y"), Dictionary(script(DEEP))])}
    ),
    "a script behind a button": note(Subtype=Name.Widget, FT=Name.Btn, T="b", A=Dictionary(script(DEEP))),
    "a programme": opens_with({"/S": Name.Launch, "/F": DEEP}),
    "a form that sends itself": note(Subtype=Name.Link, A=Dictionary(S=Name.SubmitForm, F=DEEP)),
    "data that come in": note(Subtype=Name.Link, A=Dictionary(S=Name.ImportData, F=DEEP)),
    "another file": note(Subtype=Name.Link, A=Dictionary(S=Name.GoToR, F=DEEP, D="x")),
    "an address that is called": opens_with({"/S": Name.URI, "/URI": DEEP}),
    "a file in the names": named("/EmbeddedFiles", lambda pdf: holds_a_file(pdf, DEEP)),
    "a file pinned to a page": note(Subtype=Name.FileAttachment, Contents=DEEP),
    "a film": note(Subtype=Name.RichMedia, RichMediaContent=Dictionary(X=DEEP)),
    "a form of its own kind": lambda pdf: pdf.Root.__setattr__(
        "AcroForm", Dictionary(Fields=Array(), XFA=pdf.make_stream(DEEP.encode()))
    ),
    "an entry nobody knows": lambda pdf: pdf.Root.__setattr__("Vendor", Dictionary(script(DEEP))),
    "a script nobody calls": lambda pdf: pdf.pages[0].obj.__setattr__("X", Array([Dictionary(script(DEEP))])),
    "the author": lambda pdf: pdf.docinfo.__setitem__("/Author", DEEP),
    "notes about the paper": tells_of_itself,
    "notes about a page": lambda pdf: pdf.pages[0].obj.__setattr__("Metadata", pdf.make_stream(DEEP.encode())),
    "what a programme remembers": lambda pdf: pdf.pages[0].obj.__setattr__("PieceInfo", Dictionary(X=DEEP)),
    "who wrote a note": note(Subtype=Name.Text, T=DEEP, Contents="here"),
    "who signed": note(Subtype=Name.Widget, FT=Name.Sig, T="s", V=Dictionary(Type=Name.Sig, Name=DEEP)),
    "who took a photo": shows(photo(comment=DEEP)),
}  # fmt: skip


@pytest.mark.parametrize("packed", [True, False], ids=["in object streams", "in the open"])
@pytest.mark.parametrize("what", ACTING)
def test_what_acts_hides_or_tells_of_people_is_left_out(what, packed):
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    raw = paper(ACTING[what], object_stream_mode=mode)
    assert DEEP in all_of_it(raw), "the paper is as bad as it should be"
    fresh = write_anew(raw).content
    assert DEEP not in all_of_it(fresh)
    assert len(pikepdf.open(io.BytesIO(fresh)).pages) == 1


def test_without_the_look_through_it_all_would_stay(monkeypatch):
    monkeypatch.setattr(papers, "_still", lambda thing: None)
    assert DEEP in all_of_it(write_anew(paper(ACTING["a script behind a button"])).content)


def test_an_address_stays_to_be_read_but_is_not_called():
    raw = paper(note(Subtype=Name.Link, Contents="see here", A=Dictionary(S=Name.URI, URI="https://example.org/")))
    with kept(raw) as pdf:
        (link,) = pdf.pages[0].obj.Annots
        assert link.Contents == "see here"
        assert "/A" not in link


@pytest.mark.parametrize(
    "leads",
    [
        lambda pdf: Array([pdf.pages[0].obj, Name.XYZ, None, None, 0]),
        lambda pdf: Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit])),
    ],
    ids=["a place", "a jump to a place"],
)
def test_a_paper_may_open_on_a_page(leads):
    with kept(paper(lambda pdf: pdf.Root.__setattr__("OpenAction", leads(pdf)))) as pdf:
        assert "/OpenAction" in pdf.Root


def test_a_paper_keeps_its_outline_its_forms_words_and_its_tags():
    def change(pdf):
        item = pdf.make_indirect(Dictionary(Title="1", Dest=Array([pdf.pages[0].obj, Name.Fit])))
        other = pdf.make_indirect(Dictionary(Title="2", Prev=item))
        item.Next = other
        pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=item, Last=other, Count=2))
        field = pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=[0, 0, 9, 9], FT=Name.Tx, T="name", V="王")
        )
        pdf.pages[0].obj.Annots = Array([field])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
        tagged = pdf.make_indirect(Dictionary(S=Name.P, A=Dictionary(O=Name.Layout), P=pdf.Root.Outlines))
        pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=tagged))

    with kept(paper(change)) as pdf:
        assert pdf.Root.Outlines.First.Next.Title == "2"
        assert (pdf.Root.AcroForm.Fields[0].T, pdf.Root.AcroForm.Fields[0].V) == ("name", "王")
        assert Name.Layout == pdf.Root.StructTreeRoot.K.A.O


def test_what_follows_the_end_and_what_an_earlier_version_said_is_gone():
    first = paper(
        lambda pdf: pdf.docinfo.__setitem__("/Title", DEEP), object_stream_mode=pikepdf.ObjectStreamMode.disable
    )
    raw = first + b"\n<html><script>alert(1)</script>" + b"x" * 4000
    assert b"script" not in write_anew(raw).content


def test_the_same_paper_again_is_the_same_again():
    raw = paper(shows(photo()))
    assert write_anew(raw).content == write_anew(raw).content


# --- scans ------------------------------------------------------------------------------------------------------------


def test_a_scan_is_never_refused_by_chance():
    chance = random.Random(2026)
    for _scan in range(12):
        bytes_of_a_photo = b"\xff\xd8/JS /AA /JavaScript /Launch /EmbeddedFile " + chance.randbytes(
            10 * 1024 * 1024 - 9000
        )
        raw = paper(shows(bytes_of_a_photo))
        with kept(raw) as pdf:
            assert pdf.pages[0].obj.Resources.XObject.JS.read_raw_bytes() == bytes_of_a_photo


@pytest.mark.parametrize("packed", [False, True], ids=["as it is", "packed once more"])
def test_a_photo_in_a_paper_loses_its_place_and_keeps_its_pixels(packed):
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (30.0, 52.0, 0.0)
    exif[ExifTags.Base.Artist] = "Wang Xiaoming"
    taken = photo(exif=exif, progressive=True, comment=b"mine") + photo(exif=exif)
    assert b"Wang Xiaoming" in taken
    more = {"inside": [Name.FlateDecode], "data": zlib.compress(taken)} if packed else {}
    with kept(paper(shows(taken, **more))) as pdf:
        raw = pdf.pages[0].obj.Resources.XObject.JS.read_raw_bytes()
    assert b"Wang Xiaoming" not in raw
    assert b"mine" not in raw
    assert Image.open(io.BytesIO(raw)).tobytes() == Image.open(io.BytesIO(taken)).tobytes()


# --- refused, in words ------------------------------------------------------------------------------------------------


def refusal(raw: bytes) -> str:
    with pytest.raises(Refused) as refused:
        write_anew(raw)
    return refused.value.reason


def linear(raw: bytes) -> bytes:
    written = io.BytesIO()
    pikepdf.open(io.BytesIO(raw)).save(written, linearize=True)
    return written.getvalue()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (paper(encryption=pikepdf.Encryption(owner="o", user="u")), "locked-paper"),
        (paper(encryption=pikepdf.Encryption(owner="o", user="")), "locked-paper"),
        (paper(lambda pdf: pdf.Root.__setattr__("Collection", Dictionary())), "folder-paper"),
        (paper(lambda pdf: pdf.Root.__setattr__("NeedsRendering", True)), "living-paper"),
        (paper(pages=301), "thick-paper"),
        (b"%PDF-1.7\n1 0 obj<<>>", "torn-paper"),
        (b"%PDF-1.7\n%%EOF", "torn-paper"),
        (b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF", "torn-paper"),
        (linear(paper(shows(photo()), pages=9))[:1500], "torn-paper"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_with_its_reason(raw, reason):
    assert is_paper(raw)
    assert refusal(raw) == reason


def unpacks_to(size: int, count: int = 1) -> bytes:
    """A catalogue in an object stream that goes on for ``size`` bytes."""
    head = b"1 0 2 40 "
    plain = head + b"<</Type/Catalog/Pages 2 0 R>>".ljust(40) + b"<</Type/Pages/Kids[]/Count 0>>" + b" " * size
    packed = zlib.compress(plain, 9)
    raw = b"%PDF-1.5\n"
    where = len(raw)
    raw += b"3 0 obj<</Type/ObjStm/N 2/First %d/Filter/FlateDecode/Length %d>>stream\n" % (len(head), len(packed))
    raw += packed + b"\nendstream endobj\n"
    table = len(raw)
    rows = [(0, 0, 65535), (2, 3, 0), (2, 3, 1), (1, where, 0), (1, table, 0)]
    body = b"".join(bytes([kind]) + at.to_bytes(4, "big") + more.to_bytes(2, "big") for kind, at, more in rows)
    raw += b"4 0 obj<</Type/XRef/Size 5/W[1 4 2]/Root 1 0 R/Length %d>>stream\n" % len(body)
    return raw + body + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % table


def test_what_unpacks_without_end_is_not_unpacked():
    raw = unpacks_to(300 * 1024 * 1024)
    assert len(raw) < 400_000
    began = time.thread_time()
    assert refusal(raw) == "torn-paper"
    assert time.thread_time() - began < 2


def test_a_heap_of_objects_is_not_looked_through(monkeypatch):
    def heap(pdf):
        pdf.Root.PageLabels = Array([pdf.make_indirect(Array([n])) for n in range(200)])

    monkeypatch.setattr(papers, "MOST_OBJECTS", 100)
    assert refusal(paper(heap)) == "heavy-paper"
    monkeypatch.undo()
    monkeypatch.setattr(papers, "LONGEST_LOOK", -1.0)
    assert refusal(paper(heap)) == "heavy-paper"


WHOLE = paper(*ACTING.values(), shows(photo()), object_stream_mode=pikepdf.ObjectStreamMode.disable)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(WHOLE)), st.integers(0, 400), st.binary(max_size=40))
def test_a_broken_paper_is_refused_or_written_and_never_an_accident(at, gone, instead):
    raw = WHOLE[:at] + instead + WHOLE[at + gone :]
    try:
        fresh = kept(raw)
    except Refused:
        return
    with fresh as pdf:
        assert all(thing.get("/S") not in papers.ACTING and "/AA" not in thing for thing in papers._things(pdf))
