"""The calls of Kaltura's published sample applications and clients, as they go over the wire.

Each test follows one of them in its own words: the same actions, spellings and encodings.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from kaltura_bridge.simulator.testing import Simulator
from tests.kaltura_bridge.simulator.clients import ADMIN, USER, call, form, http, ks_of

FORM = "application/x-www-form-urlencoded"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


def php_form(kaltura: Simulator, query: str, **fields: str) -> str:
    """A call as the PHP client makes it: names with colons, service and action in the query."""
    sent = {name.replace("__", ":"): value for name, value in fields.items()}
    common = {"apiVersion": "19.0.0", "clientTag": "php5", "ignoreNull": "1", "kalsig": "0" * 32}
    url = f"{kaltura.url}/api_v3/index.php?{query}"
    return http(url, form(common | sent), FORM)[2]


def parts(fields: dict[str, str], files: dict[str, bytes]) -> tuple[bytes, str]:
    """A multipart body and its content type."""
    mark = b"----sample"
    pieces = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (mark, name.encode(), value.encode())
        for name, value in fields.items()
    ] + [
        b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n%s\r\n" % (mark, name.encode(), body)
        for name, body in files.items()
    ]
    return b"".join(pieces) + b"--%s--\r\n" % mark, f"multipart/form-data; boundary={mark.decode()}"


def upload(kaltura: Simulator, path: str, fields: dict[str, str], **files: bytes) -> Any:
    """One request with files, answered as JSON."""
    named = {name.replace("__", ":"): body for name, body in files.items()}
    body, kind = parts({"format": "1"} | fields, named)
    return json.loads(http(f"{kaltura.url}/api_v3/service/{path}", body, kind)[2])


def code(answer: Any) -> str:
    """The code of a refusal, empty when it was none."""
    return str(answer.get("code", "")) if isinstance(answer, dict) else ""


# ------------------------------------------------------------------------ old PHP clients
def test_php_client_reads_objects_in_its_own_notation(kaltura: Simulator):
    asked = {"ks": ks_of(kaltura), "id": "100000003", "format": "3"}
    text = php_form(kaltura, "service=category&action=get", **asked)
    found = dict(re.findall(r's:\d+:"(\w+)";(?:i|s:\d+):"?([^";]*)"?;', text))
    assert text.startswith('O:15:"KalturaCategory":')
    assert (found["id"], found["fullName"]) == ("100000003", "KAF>site>channels")


def test_php_client_reads_refusals_as_an_array(kaltura: Simulator):
    asked = {"ks": ks_of(kaltura), "id": "5", "format": "3"}
    text = php_form(kaltura, "service=category&action=get", **asked)
    assert text == (
        'a:4:{s:4:"code";s:18:"CATEGORY_NOT_FOUND";s:7:"message";s:25:"Category id "5" not found"'
        ';s:10:"objectType";s:19:"KalturaAPIException";s:4:"args";a:1:{s:2:"ID";s:1:"5";}}'
    )


def test_php_client_asks_several_things_and_reads_an_array(kaltura: Simulator):
    calls = {"1:service": "system", "1:action": "ping", "2:service": "system", "2:action": "x"}
    text = php_form(kaltura, "service=multirequest", format="4", **calls)
    assert text.startswith('a:2:{i:0;b:1;i:1;a:4:{s:4:"code";s:22:"ACTION_DOES_NOT_EXISTS')


def test_ignore_null_leaves_out_what_is_not_set_and_keeps_what_is_empty(kaltura: Simulator):
    asked = {"ks": ks_of(kaltura), "id": "100000003", "format": "2"}
    text = php_form(kaltura, "service=category&action=get", **asked)
    assert ("<partnerData>" in text, "<name>channels</name>" in text) == (False, True)
    video = {"ks": ks_of(kaltura), "entryId": "0_videoone"}
    text = php_form(kaltura, "service=baseEntry&action=get", **video)
    assert ("<tags></tags>" in text, "<referenceId>" in text) == (True, False)


def test_php_client_sends_rules_as_numbered_names(kaltura: Simulator):
    start, action = "accessControlProfile:rules:0", "accessControlProfile:rules:0:actions:0"
    sent = {
        "ks": ks_of(kaltura),
        "format": "1",
        "accessControlProfile:objectType": "KalturaAccessControlProfile",
        "accessControlProfile:name": "ACP for simulive",
        "accessControlProfile:systemName": "simuliveacp",
        "accessControlProfile:isDefault": "0",
        f"{start}:objectType": "KalturaRule",
        f"{start}:code": "simuliveProfile",
        f"{start}:forceAdminValidation": "1",
        f"{action}:objectType": "KalturaAccessControlLimitDeliveryProfilesAction",
        f"{action}:deliveryProfileIds": "22082,15282",
        f"{action}:isBlockedList": "",
    }
    made = json.loads(php_form(kaltura, "service=accessControlProfile&action=add", **sent))
    assert made["rules"] == [
        {
            "code": "simuliveProfile",
            "actions": [
                {
                    "type": 5,
                    "deliveryProfileIds": "22082,15282",
                    "isBlockedList": False,
                    "objectType": "KalturaAccessControlLimitDeliveryProfilesAction",
                }
            ],
            "forceAdminValidation": True,
            "objectType": "KalturaRule",
        }
    ]


# ------------------------------------------------------------------- uploads of every form
def test_files_in_a_multirequest_belong_to_their_numbers(kaltura: Simulator):
    made = call(kaltura, "uploadtoken.add", ks=ks_of(kaltura), uploadToken={})
    other = call(kaltura, "uploadtoken.add", ks=ks_of(kaltura), uploadToken={})
    fields = {"ks": ks_of(kaltura)}
    for number, token in (("1", made["id"]), ("2", other["id"])):
        fields |= {f"{number}:service": "uploadtoken", f"{number}:action": "upload"}
        fields |= {f"{number}:uploadTokenId": token}
    done = upload(
        kaltura, "multirequest", fields, **{"1:fileData": b"first", "2:fileData": b"second!"}
    )
    assert [row["uploadedFileSize"] for row in done] == [5, 7]


# ---------------------------------------------------------- the demo of integrated events
def test_a_room_is_made_as_an_entry_of_its_class(kaltura: Simulator):
    entry = {
        "objectType": "KalturaRoomEntry",
        "name": "Studio",
        "roomType": 1,
        "broadcastEntryId": "0_anything",
        "templateRoomEntryId": "0_tmplstud",
    }
    made = call(kaltura, "baseEntry.add", ks=ks_of(kaltura), entry=entry)
    found = call(kaltura, "room_room.get", ks=ks_of(kaltura), roomId=made["id"])
    wanted = ("KalturaRoomEntry", "room.room", 7, "0_anything")
    for row in (made, found):
        names = ("objectType", "type", "status", "broadcastEntryId")
        assert tuple(row[name] for name in names) == wanted


def test_a_stream_made_as_an_entry_has_its_type(kaltura: Simulator):
    entry = {"objectType": "KalturaLiveStreamEntry", "name": "L", "mediaType": 201}
    sent = entry | {"sourceType": "32"}
    made = call(kaltura, "baseEntry.add", ks=ks_of(kaltura), entry=sent)
    assert (made["type"], made["sourceType"], made["status"]) == (7, "32", 7)


def test_a_stream_takes_its_source_from_the_object(kaltura: Simulator):
    sent = {"objectType": "KalturaLiveStreamAdminEntry", "name": "L", "mediaType": 201}
    sent |= {"sourceType": "32", "userId": "speaker@example.org"}
    made = call(kaltura, "livestream.add", ks=ks_of(kaltura), liveStreamEntry=sent)
    assert (made["userId"], made["status"]) == ("speaker@example.org", 2)


def test_a_player_session_plays_and_changes_nothing(kaltura: Simulator):
    privileges = "setrole:PLAYBACK_BASE_ROLE,disableentitlement,virtualeventid:7"
    ks = ks_of(kaltura, USER, "viewer", privileges)
    entry = {"entryId": "0_videoone"}
    played = call(kaltura, "baseEntry.getPlaybackContext", ks=ks, contextDataParams={}, **entry)
    assert [row["format"] for row in played["sources"]] == ["applehttp", "mpegdash"]
    assert code(call(kaltura, "baseEntry.delete", ks=ks, **entry)) == "SERVICE_FORBIDDEN"


def test_moderators_are_a_group_that_is_made_when_needed(kaltura: Simulator):
    """Look for the group, make it, add a person and the membership in one request."""
    ks, group = ks_of(kaltura), "0_stream_moderators"
    none = call(kaltura, "group_group.list", ks=ks, filter={"idEqual": group}, pager={})
    call(kaltura, "group_group.add", ks=ks, group={"id": group})
    person = {"id": "mo@example.org", "firstName": "Mo", "email": "mo@example.org"}
    member = {"userId": "mo@example.org", "groupId": group}
    first = {"service": "user", "action": "add", "user": person}
    second = {"service": "groupuser", "action": "add", "groupUser": member}
    url = f"{kaltura.url}/api_v3/service/multirequest"
    body = json.dumps({"format": 1, "ks": ks, "1": first, "2": second}).encode()
    made = json.loads(http(url, body, "application/json")[2])
    asked = {"userIdIn": member["userId"], "groupIdEqual": group, "statusEqual": 0}
    found = call(kaltura, "groupuser.list", ks=ks, filter=asked, pager={})
    gone = call(kaltura, "groupuser.delete", ks=ks, **member)
    assert none["totalCount"] == 0
    assert [code(row) for row in made] == ["", ""]
    assert (found["totalCount"], gone) == (1, None)


def test_the_chat_token_is_found_by_its_privileges(kaltura: Simulator):
    ks = ks_of(kaltura)
    for privileges in ("cncAuth:true", "list:*"):
        call(kaltura, "apptoken.add", ks=ks, appToken={"sessionPrivileges": privileges})
    found = call(kaltura, "apptoken.list", ks=ks, filter={"statusEqual": 2}, pager={})
    chat = [row for row in found["objects"] if row["sessionPrivileges"] == "cncAuth:true"]
    assert [len(row["token"]) for row in chat] == [32]


# ------------------------------------------------------------------- webcasting in Python
def test_the_webcast_application_finds_its_profiles_by_name(kaltura: Simulator):
    ks = ks_of(kaltura, ADMIN)
    cloud = {"nameEqual": "Cloud transcode"}
    slides = {"nameEqual": "", "systemNameEqual": "KMS54_NEW_DOC_CONV_IMAGE_WIDE"}
    found = [
        call(kaltura, "conversionProfile.list", ks=ks, filter=asked, pager={})["objects"]
        for asked in (cloud, slides)
    ]
    assert [[row["systemName"] for row in rows] for rows in found] == [
        ["Default_Live"],
        ["KMS54_NEW_DOC_CONV_IMAGE_WIDE"],
    ]


# --------------------------------------------------------------------- vendors of captions
def test_a_vendor_signs_in_with_widget_and_token(kaltura: Simulator):
    token = {"hashType": "SHA256", "sessionType": 2, "sessionPrivileges": "disableentitlement"}
    made = call(kaltura, "apptoken.add", ks=ks_of(kaltura), appToken=token)
    widget = json.loads(
        php_form(
            kaltura,
            "service=session&action=startWidgetSession",
            widgetId="_101",
            expiry="86400",
            partnerId="101",
            format="1",
        )
    )
    digest = hashlib.sha256((widget["ks"] + made["token"]).encode()).hexdigest()
    sent = {"ks": widget["ks"], "id": made["id"], "tokenHash": digest, "expiry": "86400"}
    sent |= {"userId": "jobs", "type": "2", "sessionPrivileges": "disableentitlement"}
    text = php_form(kaltura, "service=appToken&action=startSession", format="1", **sent)
    opened = json.loads(text)
    assert (opened["partnerId"], opened["userId"], opened["sessionType"]) == ("101", "jobs", 2)


# --------------------------------------------------------------- entries made of uploads
def uploaded(kaltura: Simulator, ks: str, name: str = "talk.mp4") -> str:
    """The token of a file that lies there whole."""
    token = call(kaltura, "uploadtoken.add", ks=ks, uploadToken={"fileName": name})["id"]
    fields = {"ks": ks, "uploadTokenId": token}
    upload(kaltura, "uploadtoken/action/upload", fields, fileData=b"content")
    return str(token)


def test_a_file_in_pieces_becomes_a_clip(kaltura: Simulator):
    """A chunked uploader: the first piece, one in the middle, the last."""
    ks = ks_of(kaltura, USER, "up@example.org")
    token = call(kaltura, "uploadtoken.add", ks=ks, uploadToken={"fileName": "talk.mp4"})["id"]
    sizes = []
    for place, (piece, final) in enumerate(((b"aaaa", 0), (b"bbbb", 0), (b"cc", 1))):
        fields = {"ks": ks, "uploadTokenId": token, "resume": str(int(place > 0))}
        fields |= {"finalChunk": str(final), "resumeAt": str(4 * place)}
        row = upload(kaltura, "uploadToken/action/upload", fields, fileData=piece)
        sizes.append((row["uploadedFileSize"], row["status"]))
    made = call(kaltura, "media.add", ks=ks, entry={"name": "Talk", "mediaType": 1})
    resource = {"objectType": "KalturaUploadedFileTokenResource", "token": token}
    done = call(kaltura, "media.addContent", ks=ks, entryId=made["id"], resource=resource)
    again = call(kaltura, "media.updateContent", ks=ks, entryId=made["id"], resource=resource)
    assert sizes == [(4, 1), (8, 1), (10, 2)]
    assert (done["status"], code(again)) == (4, "UPLOADED_FILE_NOT_FOUND_BY_TOKEN")


def test_an_entry_is_made_of_an_upload_by_its_name(kaltura: Simulator):
    ks = ks_of(kaltura)
    rows = [
        call(
            kaltura,
            "baseEntry.addFromUploadedFile",
            ks=ks,
            entry={"name": name},
            uploadTokenId=uploaded(kaltura, ks, name),
        )
        for name in ("a.mp4", "b.JPG", "c.mp3")
    ]
    wanted = [("KalturaMediaEntry", 1, kind, 4) for kind in (1, 2, 5)]
    names = ("objectType", "type", "mediaType", "status")
    assert [tuple(row[name] for name in names) for row in rows] == wanted


def test_an_upload_makes_one_entry_and_not_before_it_is_whole(kaltura: Simulator):
    ks = ks_of(kaltura)
    token = call(kaltura, "uploadtoken.add", ks=ks, uploadToken={})["id"]
    asked = {"ks": ks, "mediaEntry": {"name": "x", "mediaType": 1}}
    early = call(kaltura, "media.addFromUploadedFile", uploadTokenId=token, **asked)
    full = uploaded(kaltura, ks)
    made = call(kaltura, "media.addFromUploadedFile", uploadTokenId=full, **asked)
    twice = call(kaltura, "media.addFromUploadedFile", uploadTokenId=full, **asked)
    unknown = call(kaltura, "media.addFromUploadedFile", uploadTokenId="0_none", **asked)
    assert made["name"] == "x"
    assert [code(row) for row in (early, twice, unknown)] == [
        "UPLOAD_TOKEN_INVALID_STATUS_FOR_ADD_ENTRY",
        "UPLOAD_TOKEN_INVALID_STATUS_FOR_ADD_ENTRY",
        "UPLOADED_FILE_NOT_FOUND_BY_TOKEN",
    ]
    left = call(kaltura, "media.count", ks=ks, filter={"nameLike": "x", "statusIn": "7,4,1,2"})
    assert left == 1


def test_a_file_may_come_whole_without_a_token_of_its_own(kaltura: Simulator):
    ks = ks_of(kaltura)
    token = upload(kaltura, "media/action/upload", {"ks": ks}, fileData=b"content")
    sent = {"name": "Whole", "mediaType": 1}
    made = call(kaltura, "media.addFromUploadedFile", ks=ks, mediaEntry=sent, uploadTokenId=token)
    assert (made["name"], made["status"]) == ("Whole", 4)


def test_an_entry_without_a_kind_becomes_a_clip_with_its_content(kaltura: Simulator):
    ks = ks_of(kaltura)
    made = call(kaltura, "baseEntry.add", ks=ks, entry={"name": "What"}, type="-1")
    resource = {"objectType": "KalturaUrlResource", "url": "https://example.org/a.mp3"}
    done = call(kaltura, "baseEntry.addContent", ks=ks, entryId=made["id"], resource=resource)
    live = {"objectType": "KalturaLiveStreamEntry", "mediaType": 201, "sourceType": "32"}
    stream = call(kaltura, "baseEntry.add", ks=ks, entry=live)["id"]
    refused = call(kaltura, "baseEntry.addContent", ks=ks, entryId=stream, resource=resource)
    assert (made["type"], done["type"], done["mediaType"], done["status"]) == (-1, 1, 5, 4)
    assert code(refused) == "ENTRY_TYPE_NOT_SUPPORTED"


def test_a_clip_is_made_of_another(kaltura: Simulator):
    ks = ks_of(kaltura)
    made = call(kaltura, "media.addFromEntry", ks=ks, sourceEntryId="0_videoone")
    found = wait_for(kaltura, ks, made["id"])
    original = call(kaltura, "media.get", ks=ks, entryId="0_videoone")
    assert [found[n] for n in ("name", "msDuration")] == [
        original[n] for n in ("name", "msDuration")
    ]


def wait_for(kaltura: Simulator, ks: str, entry: str) -> Any:
    """The entry once it is ready."""
    kaltura.advance(5)
    return call(kaltura, "baseEntry.get", ks=ks, entryId=entry)


# ------------------------------------------------------------------------- files that are
def test_the_files_of_a_clip_are_listed_and_lie_somewhere(kaltura: Simulator):
    ks = ks_of(kaltura, USER, "viewer", "setrole:PLAYBACK_BASE_ROLE,sview:*")
    asked = {"entryIdEqual": "0_videoone"}
    rows = call(kaltura, "flavorasset.list", ks=ks, filter=asked)["objects"]
    same = call(kaltura, "flavorasset.getByEntryId", ks=ks, entryId="0_videoone")
    address = call(kaltura, "flavorasset.getUrl", ks=ks, id=rows[0]["id"])
    none = call(kaltura, "flavorasset.getByEntryId", ks=ks, entryId="0_tmplroom")
    missing = call(kaltura, "flavorasset.get", ks=ks, id="0_none")
    assert (len(rows), same, none) == (1, rows, [])
    assert (http(address, method="HEAD")[0], code(missing)) == (200, "FLAVOR_ASSET_ID_NOT_FOUND")


def test_the_schema_of_a_profile_is_fetched_from_an_address(kaltura: Simulator):
    """The PHP client makes a query of it; its reader wants the file itself."""
    query = f"service=metadata_metadataprofile&action=serve&id=1302&format=1&ks={ks_of(kaltura)}"
    status, headers, text = http(f"{kaltura.url}/api_v3/index.php?{query}")
    listed = call(kaltura, "metadata_metadataprofile.get", ks=ks_of(kaltura), id=1302)
    assert (status, headers["Content-Type"], text) == (200, "text/xml", listed["xsd"])
    viewer = ks_of(kaltura, USER, "viewer")
    refused = call(kaltura, "metadata_metadataprofile.serve", ks=viewer, id=1302)
    assert code(refused) == "SERVICE_FORBIDDEN"


# --------------------------------------------------------- the do-it-yourself demo with KAF
def create_room(kaltura: Simulator, **sent: str) -> tuple[int, Any]:
    url = f"{kaltura.url}/embeddedrooms/index/create-room"
    status, _, text = http(url, json.dumps(sent).encode(), "application/json")
    return status, json.loads(text)


def test_kaf_makes_a_room_that_the_api_goes_on_with(kaltura: Simulator):
    ks = ks_of(kaltura, ADMIN, "owner", "disableentitlement")
    sent = {"name": "Talk_studio", "description": "d", "templateRoomEntryId": "0_tmplstud"}
    status, made = create_room(kaltura, ks=ks, **sent)
    room = {"objectType": "KalturaRoomEntry", "broadcastEntryId": "0_stream"}
    key = made["data"]["id"]
    call(kaltura, "room_room.update", ks=ks, roomId=key, room=room)
    found = call(kaltura, "room_room.get", ks=ks, roomId=key)
    names = ("name", "userId", "broadcastEntryId", "templateRoomEntryId", "status")
    assert (status, made["success"]) == (200, True)
    assert tuple(found[name] for name in names) == (
        "Talk_studio",
        "owner",
        "0_stream",
        "0_tmplstud",
        7,
    )


def test_kaf_says_why_it_makes_no_room(kaltura: Simulator):
    ks = ks_of(kaltura)
    answers = [
        create_room(kaltura, ks=ks),
        create_room(kaltura, ks="garbage", name="x"),
        create_room(kaltura, ks=ks, name="x", templateRoomEntryId="0_none"),
    ]
    assert [(status, answer["success"]) for status, answer in answers] == [
        (400, False),
        (401, False),
        (500, False),
    ]
    rooms = {"statusIn": "7", "nameLike": "x"}
    assert call(kaltura, "room_room.list", ks=ks, filter=rooms)["totalCount"] == 0


def test_an_account_below_another_is_as_whole_as_the_first(kaltura: Simulator):
    sent = {"name": "Child", "adminName": "A", "adminEmail": "a@example.org", "type": 1}
    sent |= {"description": "Child account.", "partnerPackage": 100}
    asked = {"ks": ks_of(kaltura), "partner": sent, "templatePartnerId": 101}
    refused = call(kaltura, "partner.register", **asked)
    kaltura.set_features(groupPartner=True)
    made = call(kaltura, "partner.register", **asked)
    secret = {"secret": made["adminSecret"], "type": 2, "partnerId": made["id"]}
    ks = call(kaltura, "session.start", **secret)
    tree = call(kaltura, "category.list", ks=ks, filter={"fullNameEqual": "KAF>site>channels"})
    channel = {"parentId": tree["objects"][0]["id"], "name": f"{made['id']}_CHANNEL"}
    added = call(kaltura, "category.add", ks=ks, category=channel)
    assert code(refused) == "NON_GROUP_PARTNER_ATTEMPTING_TO_ASSIGN_CHILD"
    assert (made["partnerParentId"], made["adminUserId"]) == (101, "a@example.org")
    assert (added["partnerId"], added["depth"]) == (made["id"], 3)


# ------------------------------------------------------------------- metadata out of files
def test_profiles_and_records_come_as_files(kaltura: Simulator):
    ks = ks_of(kaltura)
    schema = call(kaltura, "metadata_metadataprofile.get", ks=ks, id=1301)["xsd"].encode()
    fields = {"ks": ks, "metadataProfile:name": "Own", "metadataProfile:metadataObjectType": "1"}
    path = "metadata_metadataprofile/action/addFromFile"
    profile = upload(kaltura, path, fields, xsdFile=schema)
    xml = b"<metadata><IsKwebcastEntry>1</IsKwebcastEntry></metadata>"
    sent = {"ks": ks, "metadataProfileId": str(profile["id"]), "objectType": "1"}
    sent |= {"objectId": "0_videoone"}
    record = upload(kaltura, "metadata_metadata/action/addFromFile", sent, xmlFile=xml)
    wrong = upload(
        kaltura,
        "metadata_metadata/action/updateFromFile",
        {"ks": ks, "id": str(record["id"])},
        xmlFile=b"<metadata><Else/></metadata>",
    )
    assert (record["xml"], record["metadataProfileId"]) == (xml.decode(), profile["id"])
    assert code(wrong) == "INVALID_METADATA_DATA"
