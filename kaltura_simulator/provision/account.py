"""Creates an account with the objects that Kaltura sets up for an events customer."""

from __future__ import annotations

import json
from typing import Any

from kaltura_simulator import constants
from kaltura_simulator.api.call import Call, internal
from kaltura_simulator.media import entries
from kaltura_simulator.provision import metadata_schemas
from kaltura_simulator.rules import access_control, categories, entry_types, metadata_profiles
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

OWNER = "account@example.test"
MEDIA_PROFILE, LIVE_PROFILE = 1, 2
PLAYER, PLAYER_V3, WEBCASTING = 1, 8, 21


def new(world: World, partner: int, admin_secret: str, user_secret: str, **properties: Any) -> Call:
    """Create a partner without any objects; returns a call on its behalf to add them."""
    row: Data = {
        "id": partner,
        "adminSecret": admin_secret,
        "userSecret": user_secret,
        "recordingEnabled": True,
        "adminUserId": OWNER,
    }
    world.store.put(partner, "partner", partner, row | properties)
    return internal(world, partner, host_url=f"http://{world.options.bind}")


def add_basics(call: Call) -> None:
    """Add what every account has: conversion profiles and access control."""
    _conversion_profiles(call)
    _access_control(call)


def add_events_objects(call: Call) -> None:
    """Add categories, metadata profiles, room templates, videos and players."""
    add_basics(call)
    _categories(call)
    _metadata_profiles(call)
    _rooms(call)
    _videos(call)
    _players(call)
    _webcasting_template(call)


def _categories(call: Call) -> None:
    parent_id = 0
    for name in constants.PARENT_CATEGORY.split(">"):
        parent_id = categories.new(call, {"name": name, "parentId": parent_id})["id"]


def _conversion_profiles(call: Call) -> None:
    for key, kind, system_name, name, default in (
        (
            constants.CONVERSION_PROFILE_DEFAULT_LIVE,
            LIVE_PROFILE,
            "Default_Live",
            "Cloud transcode",
            False,
        ),
        (
            constants.CONVERSION_PROFILE_PASSTHROUGH_LIVE,
            LIVE_PROFILE,
            "Passthrough_Live",
            "Passthrough",
            False,
        ),
        (constants.CONVERSION_PROFILE_DEFAULT_VOD, MEDIA_PROFILE, "Default", "Default", True),
        (
            constants.CONVERSION_PROFILE_SLIDES,
            MEDIA_PROFILE,
            "KMS54_NEW_DOC_CONV_IMAGE_WIDE",
            "Slides",
            False,
        ),
    ):
        row = {
            "objectType": "KalturaConversionProfile",
            "id": key,
            "partnerId": call.partner,
            "status": "2",
            "type": kind,
            "name": name,
            "systemName": system_name,
            "tags": "",
            "description": "",
            "createdAt": call.clock.now(),
            "flavorParamsIds": "0",
            "isDefault": default,
            "isPartnerDefault": default,
        }
        call.put("conversion_profile", key, row)


def _access_control(call: Call) -> None:
    sent: Data = {"name": "Default", "systemName": "Default", "isDefault": True}
    access_control.new(call, sent, constants.ACCESS_CONTROL_DEFAULT)
    simulive: Data = {
        "name": "Simulive",
        "systemName": "Simulive",
        "rules": [
            {
                "objectType": "KalturaRule",
                "code": "simuliveProfile",
                "forceAdminValidation": True,
                "actions": [
                    {
                        "objectType": "KalturaAccessControlLimitDeliveryProfilesAction",
                        "type": 5,
                        "deliveryProfileIds": "22082,15282",
                        "isBlockedList": False,
                    }
                ],
            }
        ],
    }
    access_control.new(call, simulive, constants.ACCESS_CONTROL_SIMULIVE)


def _metadata_profiles(call: Call) -> None:
    for key, system_name, name, text in (
        (
            constants.METADATA_PROFILE_KWEBCAST,
            "KMS_KWEBCAST2",
            "KwebcastProfile",
            metadata_schemas.kwebcast(),
        ),
        (
            constants.METADATA_PROFILE_EVENTS,
            "KMS_EVENTS3",
            "EventsProfile3",
            metadata_schemas.events(),
        ),
        (
            constants.METADATA_PROFILE_ADDITIONAL_INFO,
            "EntryAdditionalInfo",
            "Entry Additional Info",
            metadata_schemas.additional_info(),
        ),
    ):
        metadata_profiles.new(call, text, {"systemName": system_name, "name": name}, key)


def _rooms(call: Call) -> None:
    """The templates that define the look and mode of rooms."""
    for key, name, mode in (
        (constants.ROOM_TEMPLATE_INTERACTIVE, "Interactive room template", "virtual_classroom"),
        (constants.ROOM_TEMPLATE_WEBINAR, "Webinar room template", "webinar"),
        (constants.ROOM_TEMPLATE_STUDIO, "Studio room template", "studio"),
    ):
        sent = {
            "name": name,
            "roomType": 1,
            "userId": OWNER,
            "creatorId": OWNER,
            "tags": f"room template, {mode}",
        }
        entries.new(call, "KalturaRoomEntry", entry_types.ROOM, entry_types.NO_CONTENT, sent, key)


def _videos(call: Call) -> None:
    """Clips that are ready to play."""
    for key, name, seconds in constants.READY_VIDEOS:
        sent = {
            "name": name,
            "mediaType": 1,
            "sourceType": "1",
            "userId": OWNER,
            "creatorId": OWNER,
            "duration": seconds,
            "msDuration": seconds * 1000,
            "plays": 0,
            "views": 0,
        }
        entries.new(call, "KalturaMediaEntry", entry_types.MEDIA, entry_types.READY, sent, key)


def _players(call: Call) -> None:
    """The general player, the one that programs find by its name, and one of the old version."""
    now = call.clock.now()
    newer = {
        "objType": PLAYER_V3,
        "tags": "kalturaPlayerJs,player,latest",
        "version": "7",
        "confVars": '{"kaltura-ovp-player":"{latest}"}',
        "config": '{"plugins":{},"provider":{}}',
    }
    older = {"objType": PLAYER, "tags": "html5studio,player", "version": "2", "config": "{}"}
    for key, name, kind in (
        (constants.PLAYER_UICONF_ID, "Player", newer),
        (constants.WEBCAST_PLAYER_UICONF_ID, "MediaSpace Webcast Player", newer),
        (constants.OLDER_PLAYER_UICONF_ID, "Player with slides", older),
    ):
        row = {
            "objectType": "KalturaUiConf",
            "id": key,
            "partnerId": call.partner,
            "name": name,
            "createdAt": now,
            "updatedAt": now,
            "description": "",
            **kind,
        }
        call.put("ui_conf", key, row)


def _webcasting_template(call: Call) -> None:
    """Where producers find the webcasting app; there is nothing at these addresses."""
    versions = {
        system: {
            "recommendedVersion": "8.0.0",
            "recommendedVersionUrl": f"https://example.test/webcasting/{system}.{ending}",
            "minimumVersion": "7.0.0",
        }
        for system, ending in (("osx", "dmg"), ("windows", "msi"))
    }
    row = {
        "objectType": "KalturaUiConf",
        "id": constants.WEBCASTING_UICONF_ID,
        "partnerId": 0,
        "name": "WebcastingVersionInfo",
        "objType": WEBCASTING,
        "config": json.dumps(versions),
        "createdAt": call.clock.now(),
        "updatedAt": call.clock.now(),
    }
    call.put("ui_conf_template", constants.WEBCASTING_UICONF_ID, row)
