"""The people of the demo: one login of each kind, and attendees from everywhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from allauth.account.models import EmailAddress

from events.actions import add_to_team
from events.models import Event, Registration, TeamRole, User

PASSWORD: Final = "demo-portal"  # noqa: S105  Printed by the demo; refused elsewhere.
# Ids are made from names, so that two seedings of one size are alike.
NAMESPACE: Final = uuid.UUID("6e0f7c1a-5d1c-4a57-9a44-2d0d6b7f3c11")


@dataclass(frozen=True)
class DemoLogin:
    """A login; ``role`` is its role in the team of the demo's events."""

    address: str
    name: str
    role: str = ""
    is_superuser: bool = False


LOGINS: Final = (
    DemoLogin("manager@demo.example", "Mira Manager", TeamRole.OWNER),
    DemoLogin("moderator@demo.example", "Milan Moderator", TeamRole.MODERATOR),
    DemoLogin("analyst@demo.example", "Anouk Analyst", TeamRole.ANALYST),
    DemoLogin("attendee@demo.example", "Ada Attendee"),
    DemoLogin("operator@demo.example", "Oskar Operator", is_superuser=True),
)

NAMES: Final = (
    "Amara Okafor",
    "Søren Kjærgaard",
    "Łukasz Żółć",
    "Zoë Brontë-Nguyễn",
    "李小龙",
    "山田 太郎",
    "김민준",
    "สมชาย ใจดี",
    "Ольга Петрова",
    "Βασίλης Παπαδόπουλος",
    "محمد الحسيني",
    "דוד בן־גוריון",
    "فاطمه رضایی",
    "अनुष्का शर्मा",
    "রফিকুল ইসলাম",
    "ஆறுமுகம் செல்வம்",
    "გიორგი ბერიძე",
    "Արամ Խաչատրյան",
    "ሰላም ተስፋዬ",
    "Nguyễn Thị Minh Khai",
    "José María Ñíguez",
    "Ana Luísa d'Ávila",
    "Seán Ó Súilleabháin",
    "Þórdís Jónsdóttir",
    "Çağla Işık",
    "Đorđe Šćepanović",
    "Hōkūlani Kealoha",
    "Thabo van der Merwe",
    "Jean-François L'Écuyer",
    "Wilhelmina Charlotte Friederike von Hohenlohe-Langenburg",
    "X Æ",
    "Mary Jane Watson 🌻",
    "Ole Gunnar",
    "Priya",
    "Kwame Nkrumah Mensah",
    "Rosalía Quispe Mamani",
    "Tāne Māhuta",
    # Hostile names: a spreadsheet formula, Kaltura privileges, markup.
    '=HYPERLINK("http://evil.example","Click")',
    "x,userContextualRole:0",
    "edit:*",
    "<b>Robert</b>'); DROP TABLE registrations;--",
)


def make_accounts(events: Iterable[Event]) -> list[User]:
    """The logins, their addresses verified, in the teams of ``events``. Safe to repeat."""
    users = [_user(login) for login in LOGINS]
    verify_addresses(users)
    for event in events:
        for login, user in zip(LOGINS, users, strict=True):
            if login.role:
                add_to_team(user, event, login.role)
    return users


def _user(login: DemoLogin) -> User:
    existing = User.objects.filter(email=login.address).first()
    return existing or User.objects.create_user(
        login.address,
        PASSWORD,
        name=login.name,
        uuid=stable_uuid("user", login.address),
        is_staff=bool(login.role or login.is_superuser),
        is_superuser=login.is_superuser,
    )


def make_attendees(count: int, domain: str = "demo.example") -> list[User]:
    """``count`` people without a password, the same every time. Safe to repeat."""
    addresses = [f"guest{number:04}@{domain}" for number in range(1, count + 1)]
    known = set(User.objects.filter(email__endswith=f"@{domain}").values_list("email", flat=True))
    missing = [
        User(
            email=address,
            name=_name(number),
            uuid=stable_uuid("user", address),
            password="!",  # noqa: S106  No password matches this.
        )
        for number, address in enumerate(addresses)
        if address not in known
    ]
    User.objects.bulk_create(missing, batch_size=200)
    found = {user.email: user for user in User.objects.filter(email__endswith=f"@{domain}")}
    return [found[address] for address in addresses]


def _name(number: int) -> str:
    turn, place = divmod(number, len(NAMES))
    return NAMES[place] if not turn else f"{NAMES[place]} {turn + 1}"


def register_all(event: Event, users: Iterable[User]) -> None:
    """Register everybody. Nothing at Kaltura depends on it, so it needs no signal."""
    rows = [
        Registration(event=event, user=u, uuid=stable_uuid("place", event.slug, u.email))
        for u in users
    ]
    Registration.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)


def verify_addresses(users: Iterable[User]) -> None:
    """Mark their addresses as verified, as if each of them had entered the mailed code."""
    rows = [EmailAddress(user=u, email=u.email, verified=True, primary=True) for u in users]
    known = set(EmailAddress.objects.values_list("email", flat=True))
    EmailAddress.objects.bulk_create([row for row in rows if row.email not in known])


def stable_uuid(*parts: str) -> uuid.UUID:
    """The same id for the same thing, on every machine."""
    return uuid.uuid5(NAMESPACE, "/".join(parts))
