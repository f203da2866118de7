"""A citizen says something: it is written down once, whatever the line does, and the receipt proves it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts import phones
from core import clock, outbox, policy, seals, text
from core.errors import Invalid
from core.said import limit, required, said
from directory.models import Area
from plaza.models import ActivityDay
from suggestions import deadlines
from suggestions.models import Attachment, Category, Identity, Subject, Suggestion
from suggestions.queries.accused import Accused, accused
from suggestions.redaction import cut
from suggestions.services import moves, routing, subjects, telling
from suggestions.services.routing import Subjects
from suggestions.states import Channel, StepKind, Who

if TYPE_CHECKING:
    from core.files import CleanFile

LONGEST_WHOM = 200
LONGEST_NAME = 40  # of a sealed name, which has no column of its own
TITLE_LENGTH = 30
LONGEST = limit(Suggestion, "body")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
CODE_LENGTH = 13  # 65 bits
LOOKS_LIKE = str.maketrans("ILO", "110")


@dataclass(frozen=True)
class Voice:
    """What was said, and how."""

    body: str
    title: str = ""
    category: Category | None = None
    area: Area | None = None
    place: str = ""
    anonymous: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    subjects: Subjects = ()
    about_whom: str = ""  # typed, and perhaps nobody the directory knows
    is_complaint: bool | None = None  # about the police: what the citizen said when asked; None when nobody asked
    publish: bool = False
    channel: str = Channel.WEB
    plaza_day: ActivityDay | None = None


@dataclass(frozen=True)
class Receipt:
    """The proof that it is written down; ``again`` when the same form came a second time."""

    suggestion: Suggestion
    tracking_code: str
    again: bool = field(default=False)


def submit(
    voice: Voice,
    *,
    idempotency_key: str,
    user: Any = None,
    entered_by: Any = None,
    files: Sequence["CleanFile"] = (),
) -> Receipt:
    """Write down what was said and return the receipt, after COMMIT (P1).

    The same key with the same words gives the same receipt, however often it comes.
    Raises: Invalid by field; with field ``idempotency_key`` when the key was used for other words; with field
    ``subjects`` when a clerk would write down a complaint about themselves or their own unit (P11).
    """
    if entered_by is not None:
        policy.require(entered_by, "intake", "suggestion")
    voice = _checked(voice)
    found = _whom_it_accuses(voice, by_clerk=entered_by is not None)
    if entered_by is not None:
        named = found.subjects if found.named and voice.is_complaint is None else ()
        _not_about_the_clerk(entered_by, [*voice.subjects, *named])
    key = seals.fingerprint(idempotency_key, purpose="idempotency")
    digest = _digest(voice, user, files)
    code = tracking_code(key, digest)
    try:
        with transaction.atomic():
            case = _write(
                voice, found, key=key, digest=digest, code=code, user=user, entered_by=entered_by, files=files
            )
    except IntegrityError:
        earlier = Suggestion.objects.filter(idempotency_key=key).first()
        if earlier is None:
            raise
        if earlier.body_digest != digest:
            raise Invalid(
                "idempotency_key", _("This form was already sent with other words. Open a new form.")
            ) from None
        return Receipt(earlier, spaced(code), again=True)
    return Receipt(case, spaced(code))


def _whom_it_accuses(voice: Voice, *, by_clerk: bool = False) -> Accused:
    """Whom it seems to complain of besides those it names, unless the citizen has said themselves that it does not.

    A clerk's word for the citizen ends no doubt: it may be about the clerk. What was typed under “about whom?” and is
    in no directory is a complaint until the desk decides.
    """
    if not by_clerk and (voice.is_complaint is False or (voice.is_complaint and voice.subjects)):
        return Accused()
    said = f"{voice.title}\n{voice.body}\n{voice.about_whom}"
    known = bool(voice.is_complaint or voice.about_whom or (voice.category and voice.category.kind == "complaint"))
    return accused(said, area=voice.area, is_complaint=known, known=voice.subjects)


def _not_about_the_clerk(clerk: Any, subjects: Subjects) -> None:
    """Whoever is complained of must not learn who complains, so they do not write it down either."""
    officer = clerk.officer_or_none
    own = {membership.unit_id for membership in policy.memberships_of(clerk)} | {officer.unit_id if officer else None}
    if any(unit.pk in own or (named and named == officer) for unit, named in subjects):
        raise Invalid(
            "subjects",
            _("This is about you or your own unit. Let the citizen send it on their own phone, or call another unit."),
        )


def _checked(voice: Voice) -> Voice:
    body = required(voice.body, "body", LONGEST, _("Please write what you want to tell us."))
    return replace(
        voice,
        body=body,
        title=said(voice.title, "title", limit(Suggestion, "title")) or title_from(body),
        category=voice.category or Category.objects.get(pk="other"),
        place=said(voice.place, "place", limit(Suggestion, "place")),
        contact_name="" if voice.anonymous else said(voice.contact_name, "contact_name", LONGEST_NAME),
        contact_phone="" if voice.anonymous else _phone(voice.contact_phone),
        about_whom=said(voice.about_whom, "about_whom", LONGEST_WHOM),
    )


def _phone(typed: str) -> str:
    if not typed.strip():
        return ""
    try:
        return phones.normalise(typed)
    except Invalid as error:
        raise Invalid("contact_phone", error.message) from None


def title_from(body: str) -> str:
    """The first sentence, shortened, as a title."""
    first = next((line for line in body.splitlines() if line.strip()), body)
    for stop in "。!?！？;；":
        first = first.split(stop)[0]
    return cut(first, TITLE_LENGTH)


def _digest(voice: Voice, user: Any, files: Sequence["CleanFile"]) -> str:
    """A keyed digest of all that was sent, so that a repeated form is told from another one."""
    sent: dict[str, Any] = {named.name: getattr(voice, named.name) for named in fields(voice)}
    sent["subjects"] = [(unit.pk, officer.pk if officer else None) for unit, officer in voice.subjects]
    sent |= {"user": user, "files": [file.sha256 for file in files]}
    del sent["plaza_day"]  # the clerk's form fills today's in
    # what was left empty is left out: a field that a later release adds does not make a repeated form another one
    content = {name: getattr(value, "pk", value) for name, value in sent.items() if value not in (None, "", (), [])}
    plain = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return seals.fingerprint(plain, purpose="suggestion-body")


def tracking_code(key: str, digest: str) -> str:
    """13 characters (65 bits) that only who sent this very form can be given again; kept nowhere in the clear."""
    number = int(seals.fingerprint(f"{key}:{digest}", purpose="tracking-code"), 16)
    return "".join(ALPHABET[(number >> (5 * n)) & 31] for n in range(CODE_LENGTH))


def spaced(code: str) -> str:
    """XXXXXXXXXXXXX → XXXX-XXXX-XXXXX."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def normal_code(typed: str) -> str:
    """What a person types, as the code is kept: full-width and lower-case letters, spaces, O for 0 and I for 1."""
    plain = text.ascii_digits(typed).upper().translate(LOOKS_LIKE)
    return "".join(c for c in plain if c in ALPHABET)


def tracking_mac(code: str) -> str:
    """What the database keeps of a tracking code."""
    return seals.fingerprint(normal_code(code), purpose="tracking")


def phone_tail_mac(number: str, tail: str) -> str:
    """What the database keeps of the last four digits of a telephone, bound to the case."""
    return seals.fingerprint(f"{number}:{tail}", purpose="phone-tail")


def _write(
    voice: Voice,
    found: Accused,
    *,
    key: str,
    digest: str,
    code: str,
    user: Any,
    entered_by: Any,
    files: Sequence["CleanFile"],
) -> Suggestion:
    received = clock.now()
    pk = _next_pk()
    accept_by = deadlines.to_accept(received)
    unit = routing.arrival_unit([*voice.subjects, *found.subjects])
    case = Suggestion(
        pk=pk,
        number=f"{received:%Y}-{pk:06d}",
        tracking_mac=tracking_mac(code),
        idempotency_key=key,
        body_digest=digest,
        title=voice.title,
        body=voice.body,
        category=voice.category,
        area=voice.area,
        place=voice.place,
        channel=voice.channel,
        plaza_day=voice.plaza_day,
        entered_by=entered_by,
        about_whom=voice.about_whom,
        anonymous=voice.anonymous,
        publish=voice.publish,
        unit=unit,
        complexity=voice.category.complexity if voice.category else "simple",
        created_at=received,
        clock_from=received,
        due_at=accept_by,
    )
    case.save(force_insert=True)
    _remember_who(case, voice, user)
    subjects.named(case, voice.subjects, Subject.Source.CITIZEN)
    attach(case, files)
    moves.run_clock(case, start=received, due=accept_by)
    moves.step(case, StepKind.SUBMITTED, who=Who.CITIZEN)
    if found:
        subjects.suspect(case, found)
    outbox.emit("suggestions.submitted", suggestion=case.pk)
    telling.citizen(case, key="received", subject=telling.RECEIVED)
    return case


def _next_pk() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('suggestions_suggestion', 'id'))")
        return cursor.fetchone()[0]


def _remember_who(case: Suggestion, voice: Voice, user: Any) -> None:
    """Seal the identity beside the case; an anonymous voice leaves nothing."""
    if voice.anonymous or not (user or voice.contact_name or voice.contact_phone):
        return
    phone = voice.contact_phone
    Identity.objects.create(
        suggestion=case,
        user=user,
        name_sealed=seals.seal(voice.contact_name, context=f"name:{case.pk}") if voice.contact_name else None,
        phone_sealed=seals.seal(phone, context=f"phone:{case.pk}") if phone else None,
        phone_tail_mac=phone_tail_mac(case.number, phone[-4:]) if phone else "",
    )


def attach(case: Suggestion, files: Sequence["CleanFile"], *, by_staff: Any = None) -> None:
    """Keep cleaned files with the case; the same file twice is one."""
    known = set(case.attachments.values_list("sha256", flat=True))
    for file in files:
        if file.sha256 in known:
            continue
        known.add(file.sha256)
        attachment = Attachment(
            suggestion=case,
            mime=file.mime,
            size=file.content.size,
            sha256=file.sha256,
            width=file.width,
            height=file.height,
            by_staff=by_staff,
        )
        attachment.file.save(str(file.content.name), file.content, save=False)
        attachment.save()
