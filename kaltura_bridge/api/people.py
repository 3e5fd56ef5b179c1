"""People at Kaltura: whoever entered a room or webcast is a user of the account there."""

from __future__ import annotations

from kaltura_bridge.api.client import Kaltura, Request
from kaltura_bridge.api.errors import KalturaError, RemoteRejected


def delete_user(kaltura: Kaltura, user_id: str) -> bool:
    """Have Kaltura delete a user. False when it knows none of this id, or has deleted them.

    Safe to repeat: a user who was deleted is unknown. Kaltura keeps what they made, and
    its aggregated reports, under the opaque id. Raises KalturaError.
    Source: server:api_v3/services/UserService.php, deleteAction.
    """
    answer = kaltura.ask_once([Request(lambda c: c.user.delete(user_id), write=True)])[0]
    if isinstance(answer, RemoteRejected) and answer.code == "INVALID_USER_ID":
        return False
    if isinstance(answer, KalturaError):
        raise answer
    return True
