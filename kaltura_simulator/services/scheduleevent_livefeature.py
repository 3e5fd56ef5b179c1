"""schedule_scheduleEvent.updateLiveFeature: the vendor says where the captions come from.

Kaltura's: plugins/schedule/base/services/ScheduleEventService.php
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.reach import live
from kaltura_simulator.state.store import Data


@action("schedule_scheduleevent.updateLiveFeature")
def update_live_feature(
    call: Call, scheduledEventId: int, featureName: str, liveFeature: SentObject
) -> Data:
    """Update a live feature that an order added to the event."""
    event = call.get(live.EVENT, scheduledEventId)
    if event is None or event["status"] == live.DELETED:
        raise ApiError("INVALID_OBJECT_ID", ID=scheduledEventId)
    if event["objectType"] != live.LIVE_EVENT:
        kind = live.LIVE_EVENT.removeprefix("Kaltura")
        raise ApiError("INVALID_SCHEDULE_EVENT_TYPE", ID=scheduledEventId, TYPE=kind)
    features = event.get("liveFeatures") or []
    if not any(feature["systemName"] == featureName for feature in features):
        raise ApiError("FEATURE_NAME_NOT_FOUND", NAME=featureName)
    changed = [_filled(f, liveFeature) if f["systemName"] == featureName else f for f in features]
    now = call.clock.now()
    return call.change(live.EVENT, scheduledEventId, liveFeatures=changed, updatedAt=now)


def _filled(feature: Data, sent: SentObject) -> Data:
    """The feature with the sent properties; its name stays."""
    changes = {name: value for name, value in sent.values.items() if value is not None}
    return feature | changes | {"systemName": feature["systemName"]}
