"""PDFs to try: an innocent one, and what can be hidden in one."""

import io
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

Change = Callable[[Pdf], None]


def paper(*changes: Change, pages: int = 1, **how) -> bytes:
    """A PDF with empty pages, changed and written as ``Pdf.save`` is told; objects lie in compressed streams."""
    pdf = pikepdf.new()
    for _page in range(pages):
        pdf.add_blank_page(page_size=(300, 200))
    for change in changes:
        change(pdf)
    written = io.BytesIO()
    pdf.save(written, **{"object_stream_mode": pikepdf.ObjectStreamMode.generate, **how})
    return written.getvalue()


def shows(jpeg: bytes, *, inside: list[Name] | None = None, data: bytes | None = None) -> Change:
    """A picture on the first page."""

    def change(pdf: Pdf) -> None:
        picture = Stream(pdf, b"")
        filters = Array([*(inside or []), Name.DCTDecode]) if inside else Name.DCTDecode
        picture.write(data or jpeg, filter=filters, decode_parms=None)
        picture.Type, picture.Subtype = Name.XObject, Name.Image
        picture.Width, picture.Height, picture.ColorSpace = 60, 40, Name.DeviceRGB
        picture.BitsPerComponent = 8
        page = pdf.pages[0].obj
        page.Resources = Dictionary(XObject=Dictionary(JS=pdf.make_indirect(picture)))
        page.Contents = pdf.make_stream(b"q 300 0 0 200 0 0 cm /JS Do Q")

    return change


def opens_with(action: dict) -> Change:
    """Something that happens when the paper is opened."""
    return lambda pdf: pdf.Root.__setattr__("OpenAction", pdf.make_indirect(Dictionary(action)))


def script(words: str = "app.alert(1)") -> dict:
    return {"/S": Name.JavaScript, "/JS": words}


def note(**entries) -> Change:
    """An annotation on the first page."""

    def change(pdf: Pdf) -> None:
        made = pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries))
        pdf.pages[0].obj.Annots = Array([*pdf.pages[0].obj.get("/Annots", []), made])

    return change


def named(tree: str, value: Callable[[Pdf], Dictionary]) -> Change:
    """Something in a name tree of the catalogue, one level down."""

    def change(pdf: Pdf) -> None:
        leaf = pdf.make_indirect(Dictionary(Limits=["a", "a"], Names=["a", pdf.make_indirect(value(pdf))]))
        pdf.Root.Names = pdf.make_indirect(Dictionary({tree: Dictionary(Kids=[leaf])}))

    return change


def holds_a_file(pdf: Pdf, name: str) -> Dictionary:
    held = pdf.make_stream(b"MZ")
    return Dictionary(Type=Name.Filespec, F=name, EF=Dictionary(F=held))
