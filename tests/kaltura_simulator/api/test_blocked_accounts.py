"""Calls for an account that is blocked, or that nobody knows, are all refused alike."""

from __future__ import annotations

import pytest
from KalturaClient.Plugins import Core

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import client_of, code_of

BLOCKED = "SERVICE_FORBIDDEN_CONTENT_BLOCKED"
CALLS = [
    lambda client: client.system.ping(),
    lambda client: client.system.getTime(),
    lambda client: client.liveStream.isLive("0_nosuch00", "hls"),
    lambda client: client.session.get(),
    lambda client: client.baseEntry.list(Core.KalturaBaseEntryFilter()),
    lambda client: client.session.startWidgetSession("_101"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("ks", [True, False])
def test_every_call_is_refused(kaltura: Simulator, call: object, ks: bool) -> None:
    client = client_of(kaltura)
    if not ks:
        client.setKs("")
    client.setPartnerId(99999)
    unknown = code_of(call, client)
    client.setPartnerId(kaltura.partner_id)
    kaltura.block()
    blocked = code_of(call, client)

    assert (unknown, blocked) == (BLOCKED, BLOCKED)


def test_account_is_let_in_again_and_others_never_noticed(kaltura: Simulator) -> None:
    kaltura.block()
    client = client_of(kaltura)
    client.setPartnerId(0)
    nobody = client.system.ping()
    kaltura.block(False)

    assert (nobody, client_of(kaltura).system.ping()) == (True, True)
