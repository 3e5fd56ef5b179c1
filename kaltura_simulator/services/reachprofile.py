"""reach_reachProfile: how an account wants its orders checked, delivered and paid."""

from __future__ import annotations

from kaltura_simulator.api import features, lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.params import Given
from kaltura_simulator.reach import profile
from kaltura_simulator.state.store import Data


@action("reach_reachprofile.add")
def add(call: Call, reachProfile: Given) -> Data:
    """A new profile."""
    features.need(call, features.REACH)
    reachProfile.refuse_read_only()
    reachProfile.need("name", "profileType")
    return profile.new(call.store, call.partner, reachProfile.values, call.clock.now())


@action("reach_reachprofile.get")
def get(call: Call, id: int) -> Data:
    """One profile."""
    features.need(call, features.REACH)
    return profile.find(call, id)


@action("reach_reachprofile.update")
def update(call: Call, id: int, reachProfile: Given) -> Data:
    """Change a profile."""
    features.need(call, features.REACH)
    stored = profile.find(call, id)
    reachProfile.refuse_changed(stored)
    return _write(call, id, **reachProfile.values)


@action("reach_reachprofile.updateStatus")
def update_status(call: Call, id: int, status: int) -> Data:
    """Turn a profile on or off."""
    features.need(call, features.REACH)
    profile.find(call, id)
    return _write(call, id, status=status)


@action("reach_reachprofile.delete")
def delete(call: Call, id: int) -> None:
    """Delete a profile."""
    features.need(call, features.REACH)
    profile.find(call, id)
    _write(call, id, status=profile.DELETED)


@action("reach_reachprofile.syncCredit")
def sync_credit(call: Call, reachProfileId: int) -> Data:
    """The profile with its credit as it is; ours is always in step."""
    features.need(call, features.REACH)
    return profile.find(call, reachProfileId)


@action("reach_reachprofile.list")
def list_profiles(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The account's profiles."""
    features.need(call, features.REACH)
    rows = [row for row in call.all(profile.KIND) if row["status"] != profile.DELETED]
    found = lists.ordered(lists.chosen(rows, filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaReachProfileListResponse", page, len(found))


def _write(call: Call, key: int, **changes: object) -> Data:
    return call.change(profile.KIND, key, **changes | {"updatedAt": call.clock.now()})
