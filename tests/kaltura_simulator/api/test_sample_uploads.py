"""Files as samples upload them: whole, in pieces, several at once, and what is made of them."""

from __future__ import annotations

from typing import Any

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import USER, call, http, ks_of
from tests.kaltura_simulator.support.sample_forms import code, upload


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


# --------------------------------------------------------------- entries made of uploads
def uploaded(kaltura: Simulator, ks: str, name: str = "talk.mp4") -> str:
    """The token of a complete upload."""
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
    assert (made["type"], done["type"], done["mediaType"], done["status"]) == (-1, 1, 5, 0)
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
