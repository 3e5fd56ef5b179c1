"""docs/coverage.md: no row is empty, and each test, page, form and heading that it names exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from django.urls import resolve

from kaltura_bridge.delivery.room_tags import ROOM_TAGS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/coverage.md").read_text()
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split(" | "))
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| Capability")
]
#: What the documents name, a word for each thing; spelt as they do.
NAMED = """
vcprovider:newrow custom_playlist_id custom_playlist_name custom_reset_playlist_instance
custom_company_logo custom_rec_auto_start custom_rec_set_reminder custom_rs_show_participant
custom_rs_show_invite custom_rs_show_chat custom_rs_enable_guests_to_join custom_rs_class_mode
custom_rs_show_chat_moderators custom_rs_show_chat_questions custom_rs_show_language_selection
custom_rs_enable_media_library custom_rs_hide_end_session custom_rs_hide_leave_session
custom_rs_user_lang en-VE
session.start scheduleResource.add scheduleResource.list scheduleEvent.add scheduleEvent.list
scheduleEventResource.add liveStream.add liveStream.isLive conversionProfile.list
metadataProfile.list metadata.add metadata.update uiConf.listTemplates uiConf.update
scheduleEvent.updateLiveFeature entryVendorTask.getJobs entryVendorTask.get updateJob
baseEntry.getPlaybackContext playManifest analytics/sessions analytics/session-attendees
/virtualEvent/launch
eventId resourceId role userContextualRole firstName lastName setrole sview list download
enableentitlement disableentitlement appid appdomain sessionkey restrictexplicitliveview
startDate endDate recurrenceType summary organizer templateEntryId ownerId referenceId location
classificationType systemName
name description tags mediaType sourceType dvrStatus dvrWindow viewMode recordStatus adminTags
pushPublishEnabled explicitLive conversionProfileId userId shouldCopyEntitlement shouldMakeHidden
shouldAutoArchive streamName streamPassword redirectEntryId recordedEntryId rootEntryIdEqual
SlidesDocEntryId IsKwebcastEntry IsSelfServe StartTime EndTime Timezone PresenterId PresenterName
PresenterTitle PresenterBio PresenterLink PresenterImage
ks ks_expiry MediaEntryId checkForUpdates uiConfId serverAddress eventsMetadataProfileId
kwebcastMetadataProfileId appName logoUrl fromDate toDate QnAEnabled pollsEnabled userRole
playerUIConf presentationConversionProfileId referer verifySSL debuggingMode selfServeEnabled
participantsPanel appHostUrl myHostingAppName instanceProfile qnaModeratorMode
third_party_room_id page from_date to_date session_id include_third_party_data lti_user_id
vendorPartnerIdEqual statusEqual reach_vendor streamerType PROCESSING SCHEDULED READY ERROR
outputObjectId errDescription externalTaskId mediaUrl mediaKey captionUrl captionToken
40009 60010 10008 10005 10004 40001 40011 60014 70001
Webcast Interactive Webinar Studio Simulive Restreamer
""".split()


@cache
def source(path: str) -> str:
    return (ROOT / "tests" / path).read_text()


def anchors(path: Path) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


def test_no_row_is_empty_and_none_stands_twice():
    assert [row for row in ROWS if len(row) != 3 or not all(row)] == []
    assert len({row[0] for row in ROWS}) == len(ROWS) > 100


def test_each_test_exists():
    named = re.findall(r"`([\w/]+\.py)::(\w*)`", PAGE)
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / "tests" / path).is_file()
        or not re.search(rf"^def {name}\(", source(path), re.MULTILINE)
    ]
    assert missing == []
    assert len(named) > 150


def test_each_row_names_a_test_or_says_why_there_is_none():
    without = [row[0] for row in ROWS if "::" not in row[2]]
    assert [name for name in without if "no test: " not in PAGE] == []
    assert len(without) < 10


def test_each_link_leads_somewhere():
    missing = []
    for name, heading in re.findall(r"\]\(([\w-]+\.md)(?:#([\w-]+))?\)", PAGE):
        path = ROOT / "docs" / name
        if not path.is_file() or (heading and heading not in anchors(path)):
            missing.append(f"{name}#{heading}")
    assert missing == []


def test_each_page_exists():
    pages = {page for row in ROWS for page in re.findall(r"`(/e/[^`]+)`", row[1])}
    for page in pages:
        resolve(re.sub(r"[A-Z]{3,}", lambda found: found[0].lower(), page))
    assert len(pages) >= 4


def test_each_group_of_the_delivery_form_exists():
    layout = (ROOT / "kaltura_bridge/delivery/layout.py").read_text()
    groups = set(re.findall(r"\*Delivery → ([^*]+)\*", PAGE))
    assert [name for name in groups if f'_("{name}")' not in layout] == []


@pytest.mark.parametrize("word", NAMED)
def test_each_thing_that_the_documents_name_has_a_row(word: str):
    named = [row for row in ROWS if re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", row[0])]
    where = [row for row in ROWS if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", row[1])]
    assert named or where


def test_room_tags_of_the_documents_are_settings_here():
    tags = [word for word in NAMED if word.startswith("custom_")]
    assert [tag for tag in tags if tag not in ROOM_TAGS] == []
