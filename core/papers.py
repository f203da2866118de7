"""PDF, read by qpdf and written anew: its pages stay as they were, and what acts, hides or tells of people is left out.

Only what can be reached from the pages and a short list of the catalogue's entries is written. Streams are not unpacked
but for what describes objects, and that is limited; so neither time nor memory grow with what a file promises.
"""

import re
import time
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf, Stream, StreamDecodeLevel

from core.made import Made, Refused

MOST_PAGES = 300
MOST_OBJECTS = 60_000
LARGEST_UNPACKED = 32 * 1024 * 1024  # bytes, of one stream
LONGEST_LOOK = 8.0  # seconds of this thread's own time
END = b"%%EOF"

IN_THE_TRAILER = {"/Root", "/Size", "/ID"}
IN_THE_CATALOGUE = {
    "/Type", "/Version", "/Extensions", "/Pages", "/PageLabels", "/Names", "/Dests", "/ViewerPreferences",
    "/PageLayout", "/PageMode", "/Outlines", "/OpenAction", "/AcroForm", "/MarkInfo", "/Lang", "/OCProperties",
    "/StructTreeRoot", "/OutputIntents",
}  # fmt: skip
IN_THE_NAMES = {"/Dests"}
NEVER = ("/AA", "/AF", "/EF", "/RF", "/XFA", "/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/SigFlags")
ACTIONS = ("/A", "/PA", "/OpenAction", "/Next")
ACTING = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/ResetForm", "/GoToR", "/GoToE", "/GoToDp", "/URI",
    "/Named", "/Rendition", "/RichMediaExecute", "/Sound", "/Movie", "/Thread", "/Hide", "/SetOCGState", "/GoTo3DView",
}  # fmt: skip
HOLDING = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}
NOTES = {0xE1, 0xED, 0xFE}  # EXIF and XMP, IPTC, comments
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

# whatever else is wrong with a file, qpdf and its wrapper say it with one of these
BROKEN = (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError, OverflowError, RuntimeError)

pikepdf.settings.set_qpdf_limits(
    doc_max_warnings=1_000,
    parser_max_nesting=100,
    max_stream_filters=4,
    flate_max_memory=LARGEST_UNPACKED,
    run_length_max_memory=LARGEST_UNPACKED,
    png_max_memory=LARGEST_UNPACKED,
    tiff_max_memory=LARGEST_UNPACKED,
)


def write_anew(raw: bytes) -> Made:
    """The same pages, and nothing else. Raises: Refused."""
    end = raw.rfind(END)
    if end < 0:
        raise Refused("torn-paper")
    try:
        with pikepdf.open(BytesIO(raw[: end + len(END)])) as paper:
            return Made(_written(paper), "pdf", "application/pdf")
    except pikepdf.PasswordError:
        raise Refused("locked-paper") from None
    except BROKEN:
        raise Refused("torn-paper") from None


def _written(paper: Pdf) -> bytes:
    """Raises: Refused for what cannot be shown without what is left out, and for too much."""
    pages = _judge(paper)
    _keep(paper.trailer, IN_THE_TRAILER)
    _keep(paper.Root, IN_THE_CATALOGUE)
    if isinstance(paper.Root.get("/Names"), Dictionary):
        _keep(paper.Root.Names, IN_THE_NAMES)
    until = time.thread_time() + LONGEST_LOOK
    for thing in _things(paper):
        if time.thread_time() > until:
            raise Refused("heavy-paper")
        _still(thing)
    written = BytesIO()
    paper.save(
        written,
        object_stream_mode=ObjectStreamMode.generate,
        stream_decode_level=StreamDecodeLevel.none,
        encryption=False,
        deterministic_id=True,  # the same file again is the same again
    )
    with pikepdf.open(written) as fresh:
        if len(fresh.pages) != pages:
            raise Refused("torn-paper")
    return written.getvalue()


def _judge(paper: Pdf) -> int:
    """How many pages it has. Raises: Refused."""
    if paper.is_encrypted:
        raise Refused("locked-paper")
    if len(paper.objects) > MOST_OBJECTS:
        raise Refused("heavy-paper")
    if "/Collection" in paper.Root:
        raise Refused("folder-paper")
    if paper.Root.get("/NeedsRendering") is True:
        raise Refused("living-paper")
    pages = len(paper.pages)
    if not pages:
        raise Refused("torn-paper")
    if pages > MOST_PAGES:
        raise Refused("thick-paper")
    return pages


def _keep(entries: Any, names: set[str]) -> None:
    """Leave out all the entries but these."""
    for name in [name for name in entries.keys() if name not in names]:  # noqa: SIM118  these are no mappings
        del entries[name]


def _things(paper: Pdf) -> Iterator[Any]:
    """Every dictionary and stream of the file, those inside others too."""
    for top in paper.objects:
        waiting = [top]
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, (Dictionary, Stream)):
                yield thing
                inner = [value for _name, value in thing.items()]
            elif isinstance(thing, Array):
                inner = list(thing)
            else:
                continue
            waiting += [one for one in inner if isinstance(one, (Dictionary, Array)) and not one.is_indirect]


def _still(thing: Any) -> None:
    """Leave out of one dictionary what acts, what holds other files, and what tells of people."""
    for name in NEVER:
        if name in thing:
            del thing[name]
    for name in ACTIONS:
        if name in thing and _acts(thing[name]):
            del thing[name]
    if thing.get("/S") in ACTING:
        _keep(thing, set())
    if isinstance(thing.get("/Annots"), Array):
        thing.Annots = Array([note for note in thing.Annots if not _holds(note)])
    if "/Rect" in thing and "/T" in thing and thing.get("/Subtype") != "/Widget":
        del thing["/T"]  # who wrote the note
    if thing.get("/FT") == "/Sig" and "/V" in thing:
        del thing["/V"]  # a signature is of the file as it was
    if isinstance(thing, Stream):
        if "/F" in thing:
            del thing["/F"]  # what lies in another file
        _strip(thing)


def _acts(action: Any) -> bool:
    """Whether it does more than lead to a page of this paper. What is no action has no kind, as an outline's next."""
    if isinstance(action, Array):
        return any(isinstance(one, Dictionary) and "/S" in one and _acts(one) for one in action)
    return isinstance(action, Dictionary) and ("/S" in action or not len(action)) and action.get("/S") != "/GoTo"


def _holds(note: Any) -> bool:
    return not isinstance(note, Dictionary) or note.get("/Subtype") in HOLDING


def _strip(stream: Stream) -> None:
    """A photo in the paper loses where and when it was taken; its pixels are not touched."""
    filters = stream.get("/Filter")
    named = [str(one) for one in filters] if isinstance(filters, Array) else [str(filters)]
    if named[-1] != "/DCTDecode" or len(named) > 2:
        return
    raw = stream.read_raw_bytes()
    if len(named) == 2:
        if named[0] != "/FlateDecode":
            return
        raw = _unpacked(raw)
    bare = _without_notes(raw)
    if len(bare) != len(raw):
        parameters = stream.get("/DecodeParms")
        if isinstance(parameters, Array):
            parameters = parameters[-1] if isinstance(parameters[-1], Dictionary) else None
        stream.write(bare, filter=Name.DCTDecode, decode_parms=parameters)  # type: ignore[arg-type]  # read from a paper


def _unpacked(packed: bytes) -> bytes:
    unpack = zlib.decompressobj()
    try:
        plain = unpack.decompress(packed, LARGEST_UNPACKED)
    except zlib.error:
        raise Refused("torn-paper") from None
    if unpack.unconsumed_tail:
        raise Refused("heavy-paper")
    return plain


def _without_notes(jpeg: bytes) -> bytes:
    """A JPEG without EXIF, XMP, IPTC, comments and what follows its end; what is no JPEG stays as it is."""
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        after = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == 0xDA:  # the pixels, up to the next marker
            found = NEXT_MARKER.search(jpeg, after)
            after = found.start() if found else len(jpeg)
        if marker not in NOTES:
            kept.append(jpeg[at:after])
        at = after
        if jpeg[at : at + 2] == b"\xff\xd9":
            return b"".join([*kept, b"\xff\xd9"])
    return b"".join([*kept, jpeg[at:]])
