"""Made-up citizens and the words that open made-up accounts. Numbers 199 0000 xxxx, marked as demo on the row."""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import phones
from accounts.models import User
from core.seals import fingerprint, seal

SURNAMES = "沈钱姚吴章陆费严潘徐施俞丁闵朱王李张陈刘杨黄赵周孙马胡郭何高林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡"
FIRST = "建国明秀丽志强小晓文玉春海永金桂德家雨思子佳欣俊雅梦天一可"
SECOND = "华英平芳军梅根林生娣萍峰燕超敏杰伟涵轩怡宁琪瑶博阳悦泽妹"
SEED = 3305
TECHNICIAN = "technician"


def citizens() -> list[User]:
    """The made-up citizens, made where they are missing; two of three are verified, of every age."""
    return [_citizen(phone, name, born) for phone, name, born in _people()]


def _people() -> Iterator[tuple[str, str, int]]:
    chance = random.Random(SEED)
    for phone in settings.DEMO_PHONES:
        given = chance.choice(FIRST) + chance.choice(("", chance.choice(SECOND)))
        yield phones.normalise(phone), chance.choice(SURNAMES) + given, chance.randint(1945, 2006)


@transaction.atomic
def _citizen(phone: str, name: str, born: int) -> User:
    known = User.objects.filter(phone_fingerprint=phones.phone_fingerprint(phone)).first()
    if known is not None:
        return known
    verified = born % 3 > 0
    return User.objects.create_citizen(
        phone=phone,
        display_name=name,
        is_demo=True,
        id_fingerprint=fingerprint(f"demo:{phone}", purpose="id-number") if verified else None,
        id_verified_at=timezone.now() if verified else None,
        birth_year=born if verified else None,
    )


def staff(badge_number: str, name: str) -> User:
    """A made-up member of staff, made where they are missing, with the password of the demo."""
    user, _made = User.objects.get_or_create(
        username=badge_number, defaults={"display_name": name, "is_demo": True, "password": _password_hash()}
    )
    _give_phones([user])
    return user


def staff_members(people: Iterable[tuple[str, str]], *, joined: datetime) -> dict[str, User]:
    """Made-up members of staff by badge number, those who are missing made in one go, in the order given."""
    names = dict(people)
    there = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    User.objects.bulk_create(
        User(username=badge, display_name=name, is_demo=True, password=_password_hash(), date_joined=joined)
        for badge, name in names.items()
        if badge not in there
    )
    made = User.objects.in_bulk(list(names), field_name="username")
    _give_phones(made.values())
    return made


def _give_phones(people: Iterable[User]) -> None:
    """A made-up number on record where none is, so that a way in can be opened to them; nobody signs in by it."""
    without = [user for user in people if user.is_demo and user.staff_phone_sealed is None]
    for user in without:
        number = phones.normalise(f"199 0000 {1_000 + user.pk % 9_000}")
        user.staff_phone_sealed = seal(number, context=f"staff-phone:{user.pk}")
    User.objects.bulk_update(without, ["staff_phone_sealed"], batch_size=500)


def technician() -> User:
    """The superuser of the back office, who reads no case."""
    user = staff(TECHNICIAN, "演示技术员")
    if not user.is_superuser:
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
    return user


@cache
def _password_hash() -> str:
    """One hash for all of them: hashing hundreds of times takes minutes and protects nothing that is printed."""
    return make_password(settings.DEMO_PASSWORD)
