"""reach_reachProfile: moderation, delivery and credit of an account's orders.

Kaltura's: plugins/reach/services/ReachProfileService.php
"""

from __future__ import annotations

from kaltura_simulator.api import features, lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.reach import profile
from kaltura_simulator.state.store import Data


@action("reach_reachprofile.add")
def add(call: Call, reachProfile: SentObject) -> Data:
    """Add a profile."""
    features.require(call, features.REACH)
    reachProfile.refuse_read_only()
    reachProfile.require("name", "profileType")
    return profile.new(call.store, call.partner, reachProfile.values, call.clock.now())


@action("reach_reachprofile.get")
def get(call: Call, id: int) -> Data:
    """One profile."""
    features.require(call, features.REACH)
    return profile.find(call, id)


@action("reach_reachprofile.update")
def update(call: Call, id: int, reachProfile: SentObject) -> Data:
    """Change a profile."""
    features.require(call, features.REACH)
    stored = profile.find(call, id)
    reachProfile.refuse_read_only_changes(stored)
    return _write(call, id, **reachProfile.values)


@action("reach_reachprofile.updateStatus")
def update_status(call: Call, id: int, status: int) -> Data:
    """Activate or disable a profile."""
    features.require(call, features.REACH)
    profile.find(call, id)
    return _write(call, id, status=status)


@action("reach_reachprofile.delete")
def delete(call: Call, id: int) -> None:
    """Delete a profile."""
    features.require(call, features.REACH)
    profile.find(call, id)
    _write(call, id, status=profile.DELETED)


@action("reach_reachprofile.syncCredit")
def sync_credit(call: Call, reachProfileId: int) -> Data:
    """The profile; its credit is always up to date here."""
    features.require(call, features.REACH)
    return profile.find(call, reachProfileId)


@action("reach_reachprofile.list")
def list_profiles(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The account's profiles."""
    features.require(call, features.REACH)
    rows = [row for row in call.all(profile.KIND) if row["status"] != profile.DELETED]
    found = lists.sorted_by(lists.filtered(rows, filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaReachProfileListResponse", page, len(found))


def _write(call: Call, key: int, **changes: object) -> Data:
    return call.change(profile.KIND, key, **changes | {"updatedAt": call.clock.now()})
