"""Why somebody may not enter: one stable word, an HTTP status, a sentence and its cure.

Kaltura publishes no status codes for these pages. Ours follow what HTTP says: 400 the
address is not whole, 403 it is but opens nothing here, 404 there is no such entry.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One kind of refusal; ``sentence`` and ``fix`` may name ``{field}`` and ``{seen}``."""

    status: int
    sentence: str
    fix: str
    #: Whether the same address may open later.
    may_pass: bool = False


REASONS: dict[str, Reason] = {
    "garbage": Reason(
        400,
        "What stands as ks in this address is not a Kaltura Session.",
        "Mint one with generateSessionV2 and put it into the address unchanged.",
    ),
    "partner": Reason(
        403,
        "This Kaltura Session belongs to account {seen}, and these are the pages of another one.",
        "Use the KAF address of the account that signed the session.",
    ),
    "signature": Reason(
        403,
        "The signature of this Kaltura Session is not right.",
        "Sign it with the account's admin secret, sessions of type USER too.",
    ),
    "expired": Reason(
        403,
        "This Kaltura Session expired at {seen}.",
        "Go back to the session's page and join again; that makes a fresh link.",
    ),
    "logged-out": Reason(
        403,
        "This Kaltura Session was ended, or its app token was deleted.",
        "Go back to the session's page and join again; that makes a fresh link.",
    ),
    "missing": Reason(
        400,
        "The Kaltura Session carries no {field} privilege.",
        "Add {field} to its privileges; /kaftestme/index/index lists what each page needs.",
    ),
    "user-mismatch": Reason(
        403,
        "The Kaltura Session is for one user and its userId privilege names another.",
        "Give the session's user and the userId privilege the same value.",
    ),
    "entry-missing": Reason(
        404,
        "There is no entry {seen}, or it was deleted.",
        "Check the entry's id.",
    ),
    "no-entry": Reason(
        400,
        "Nothing says which entry is to be shown.",
        "Name it in the address: /browseandembed/index/media/entryid/ENTRY/ks/KS.",
    ),
    "entry-outside": Reason(
        403,
        "Entry {seen} is in no category below site>channels, where these pages look.",
        "Put the entry into a category under ROOT>site>channels with categoryEntry.add.",
    ),
    "not-a-room": Reason(
        403,
        "Entry {seen} is not a room.",
        "Open webcasts and videos with /hosted/index/view-entry/ks/.",
    ),
    "place": Reason(
        400,
        "The Kaltura Session must carry eventId or resourceId, one of the two.",
        "Name the scheduled event, or its resource alone, in the privileges.",
    ),
    "no-user": Reason(
        400,
        "The Kaltura Session names no user.",
        "Mint it for the user who joins; each person needs an id of their own.",
    ),
    "role": Reason(
        400,
        "The Kaltura Session carries no {field} privilege that this page knows.",
        "Add role:viewerRole or role:adminRole to its privileges.",
    ),
    "unknown-role": Reason(
        400,
        "KAF has no role {seen}.",
        "Use anonymousRole, viewerRole, privateOnlyRole, adminRole or unmoderatedAdminRole.",
    ),
    "role-too-low": Reason(
        403,
        "The role {seen} has no media of its own.",
        "Use privateOnlyRole, adminRole or unmoderatedAdminRole.",
    ),
    "contextual-role": Reason(
        400,
        "The userContextualRole {seen} is none of 0, 1, 2, 3 and 4.",
        "0 is a manager, 1 a moderator, 2 a contributor, 3 a member, 4 none of these.",
    ),
    "context": Reason(
        400,
        "No category can have the name that {field} gives.",
        "A category's name has 1 to 200 bytes, all of them of readable letters.",
    ),
    "no-channels": Reason(
        404,
        "This account has no category ROOT>site>channels, where galleries stand.",
        "Make the three categories, or start the local Kaltura with --provision events.",
    ),
    "return-url": Reason(
        400,
        "The {field} privilege is not an address that a browser can post to.",
        "Give an address that begins with http:// or https://, percent-encoded.",
    ),
    "not-media": Reason(
        403,
        "Entry {seen} is a room: it is entered, not played.",
        "Open rooms with /embeddedrooms/index/view-room/ks/.",
    ),
    "event-missing": Reason(
        404,
        "There is no scheduled event {seen}, or it was deleted.",
        "Check the {field} privilege.",
    ),
    "resource-missing": Reason(
        404,
        "There is no schedule resource {seen}, or it was deleted.",
        "Check the {field} privilege, or what the event books.",
    ),
    "no-resource": Reason(
        403,
        "The scheduled event {seen} books no resource, so there is no room to enter.",
        "Book one with scheduleEventResource.add.",
    ),
    "not-newrow": Reason(
        403,
        "Schedule resource {seen} is not a virtual room.",
        "Add vcprovider:newrow to its tags.",
    ),
    "no-moderator": Reason(
        403,
        "This room opens when a moderator is inside, and none is yet.",
        "Wait a moment, then try again.",
        may_pass=True,
    ),
    "no-module": Reason(
        404,
        "This local Kaltura leaves out KAF's module {seen}.",
        "The pages it has are listed at /kaftestme/index/index.",
    ),
    "not-found": Reason(
        404,
        "There is no such page here.",
        "The pages, and what each of them needs, are listed at /kaftestme/index/index.",
    ),
    "method": Reason(
        405,
        "This page can only be opened, with GET.",
        "Put its address into the src of an iframe.",
    ),
}


class Refused(Exception):
    """Entry is refused; ``reason`` is a key of REASONS."""

    def __init__(self, reason: str, *, field: str = "", seen: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field, self._seen = reason, field, seen

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return REASONS[self.reason].status

    @property
    def may_pass(self) -> bool:
        """Whether trying again can help."""
        return REASONS[self.reason].may_pass

    @property
    def sentence(self) -> str:
        """What is wrong."""
        return REASONS[self.reason].sentence.format(field=self.field, seen=self._seen)

    @property
    def fix(self) -> str:
        """What to do about it."""
        return REASONS[self.reason].fix.format(field=self.field, seen=self._seen)
