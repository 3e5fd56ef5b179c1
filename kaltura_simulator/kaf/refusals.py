"""Why a page may not be opened: a stable code, an HTTP status, a sentence and a fix.

Kaltura publishes no status codes for these pages. Ours follow HTTP: 400 when something is
missing or malformed, 403 when it is not allowed, 404 when the object does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RefusalReason:
    """One kind of refusal; ``sentence`` and ``fix`` may name ``{field}`` and ``{seen}``."""

    status: int
    sentence: str
    fix: str
    #: Whether the same address may open later.
    is_temporary: bool = False


REASONS: dict[str, RefusalReason] = {
    "garbage": RefusalReason(
        400,
        "The ks in this address is not a Kaltura Session.",
        "Create one with generateSessionV2 and put it into the address unchanged.",
    ),
    "partner": RefusalReason(
        403,
        "This Kaltura Session belongs to account {seen}, but this page to another one.",
        "Use the KAF address of the account that signed the session.",
    ),
    "signature": RefusalReason(
        403,
        "The signature of this Kaltura Session is wrong.",
        "Sign it with the account's admin secret, even when its type is USER.",
    ),
    "expired": RefusalReason(
        403,
        "This Kaltura Session expired at {seen}.",
        "Go back to the session's page and join again to get a new link.",
    ),
    "logged-out": RefusalReason(
        403,
        "This Kaltura Session was ended, or its app token was deleted.",
        "Go back to the session's page and join again to get a new link.",
    ),
    "missing": RefusalReason(
        400,
        "The Kaltura Session has no {field} privilege.",
        "Add {field} to its privileges; /kaftestme/index/index lists what each page needs.",
    ),
    "user-mismatch": RefusalReason(
        403,
        "The user of the Kaltura Session differs from its userId privilege.",
        "Use the same value for the session's user and the userId privilege.",
    ),
    "entry-missing": RefusalReason(
        404,
        "There is no entry {seen}, or it was deleted.",
        "Check the entry's id.",
    ),
    "no-entry": RefusalReason(
        400,
        "The address names no entry.",
        "Add it to the address: /browseandembed/index/media/entryid/ENTRY/ks/KS.",
    ),
    "entry-outside": RefusalReason(
        403,
        "Entry {seen} is not in any category below site>channels, as these pages require.",
        "Add the entry to a category below ROOT>site>channels with categoryEntry.add.",
    ),
    "not-a-room": RefusalReason(
        403,
        "Entry {seen} is not a room.",
        "Open webcasts and videos with /hosted/index/view-entry/ks/.",
    ),
    "place": RefusalReason(
        400,
        "The Kaltura Session needs either an eventId or a resourceId privilege.",
        "Add one of the two to its privileges.",
    ),
    "no-user": RefusalReason(
        400,
        "The Kaltura Session has no user.",
        "Create it for the user who joins; each person needs an id of their own.",
    ),
    "role": RefusalReason(
        400,
        "The Kaltura Session has no {field} privilege that this page accepts.",
        "Add role:viewerRole or role:adminRole to its privileges.",
    ),
    "unknown-role": RefusalReason(
        400,
        "KAF has no role {seen}.",
        "Use anonymousRole, viewerRole, privateOnlyRole, adminRole or unmoderatedAdminRole.",
    ),
    "role-too-low": RefusalReason(
        403,
        "The role {seen} has no media of its own.",
        "Use privateOnlyRole, adminRole or unmoderatedAdminRole.",
    ),
    "contextual-role": RefusalReason(
        400,
        "The userContextualRole {seen} is not one of 0, 1, 2, 3 and 4.",
        "0 is manager, 1 moderator, 2 contributor, 3 member, 4 none of these.",
    ),
    "context": RefusalReason(
        400,
        "The {field} privilege is not a valid category name.",
        "A category name has 1 to 200 bytes of printable characters.",
    ),
    "not-a-member": RefusalReason(
        403,
        "{seen} is for its members, and this user is none of them.",
        "Add the user with categoryUser.add, or leave enableentitlement out of the session.",
    ),
    "no-channels": RefusalReason(
        404,
        "This account has no category ROOT>site>channels, which galleries need.",
        "Create the three categories, or start the local Kaltura with --provision events.",
    ),
    "return-url": RefusalReason(
        400,
        "The {field} privilege is not an address that a browser can post to.",
        "Use an address that begins with http:// or https://, percent-encoded.",
    ),
    "not-media": RefusalReason(
        403,
        "Entry {seen} is a room, which cannot be embedded.",
        "Open rooms with /embeddedrooms/index/view-room/ks/.",
    ),
    "event-missing": RefusalReason(
        404,
        "There is no scheduled event {seen}, or it was deleted.",
        "Check the {field} privilege.",
    ),
    "resource-missing": RefusalReason(
        404,
        "There is no schedule resource {seen}, or it was deleted.",
        "Check the {field} privilege, or the resource that the event books.",
    ),
    "no-resource": RefusalReason(
        403,
        "The scheduled event {seen} has no resource, so there is no room.",
        "Add one with scheduleEventResource.add.",
    ),
    "not-newrow": RefusalReason(
        403,
        "Schedule resource {seen} is not a virtual room.",
        "Add vcprovider:newrow to its tags.",
    ),
    "no-moderator": RefusalReason(
        403,
        "This room opens when a moderator has joined.",
        "Wait a moment, then try again.",
        is_temporary=True,
    ),
    "no-module": RefusalReason(
        404,
        "This local Kaltura does not have KAF's module {seen}.",
        "See /kaftestme/index/index for the pages it has.",
    ),
    "not-found": RefusalReason(
        404,
        "There is no such page.",
        "See /kaftestme/index/index for all pages and what they need.",
    ),
    "method": RefusalReason(
        405,
        "This page can only be opened with GET.",
        "Use its address as the src of an iframe.",
    ),
}


class PageRefused(Exception):
    """A page may not be opened; ``reason`` is a key of REASONS."""

    def __init__(self, reason: str, *, field: str = "", seen: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field, self._seen = reason, field, seen

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return REASONS[self.reason].status

    @property
    def is_temporary(self) -> bool:
        """Whether trying again can help."""
        return REASONS[self.reason].is_temporary

    @property
    def sentence(self) -> str:
        """What is wrong."""
        return REASONS[self.reason].sentence.format(field=self.field, seen=self._seen)

    @property
    def fix(self) -> str:
        """What to do about it."""
        return REASONS[self.reason].fix.format(field=self.field, seen=self._seen)
