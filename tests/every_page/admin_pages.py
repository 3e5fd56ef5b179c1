"""The pages of the admin: every address of the rule book that opens for somebody."""

from __future__ import annotations

from django.urls import reverse

from tests.every_page import not_pages
from tests.every_page.site_pages import PageVisit
from tests.permissions.doors import OPEN, all_doors
from tests.permissions.people import KINDS, Role
from tests.permissions.world import World


def admin_pages(world: World, who: str) -> list[PageVisit]:
    """Those that this role of our own, public event opens, each once."""
    role, place = Role(who), world.places[KINDS[0]]
    found: dict[str, PageVisit] = {}
    for door in all_doors():
        is_page = door.name.startswith("admin:") and door.name not in not_pages.ADMIN
        if is_page and door.method == "GET" and door.expect(role, KINDS[0]) == OPEN:
            path = reverse(door.name, args=door.args(world, place))
            found.setdefault(path, PageVisit(door.name, "", who, path))
    return list(found.values())
