#!/usr/bin/env python3
"""What an event portal asks of Kaltura, step by step, with the answers that a real Kaltura server (22.19) gave: golden.json.

    flows.py check SERVICE_URL PARTNER_ID ADMIN_SECRET USER_SECRET [--golden golden.json] [--only FLOW ...] [--verbose]

Compares a local Kaltura with them. The partner must be a fresh sandbox with the metadata profiles KMS_KWEBCAST2 and KMS_EVENTS3 (fields as in the
public webcasting guide), conversion profile Default_Live, and live recording enabled. Names carry a time stamp: runs may repeat.
A step FAILs where the outcome differs: answer or error, the error's code, objectType, number of items, or the value of a property that was
sent or that a client relies on (MUST). Other properties that differ, are missing or are too many are counted and shown with --verbose.
Last line: N passed, N failed, D differences
"""
import argparse
import collections
import hashlib
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
MUST = set("objectType totalCount code status type mediaType sourceType partnerId fullName fullIds depth parentId duration recurrenceType classificationType "
           "templateEntryId roomType xml metadataObjectType hashType sessionType privileges userId creatorId ownerId name summary startDate endDate tags "
           "referenceId entryIds categoryIds dvrStatus dvrWindow recordStatus categoryId entryId eventId resourceId systemName description adminTags "
           "moderationStatus displayInSearch inheritanceType privacy directEntriesCount entriesCount".split())
# differs between any two servers, or with time
VOLATILE = re.compile(r"(createdAt|updatedAt|deletedAt|Url|url|Urls|token|streamPassword|expiry|version|sequence|searchText|rootEntryId|ks|conversionProfileId|conversionQuality|"
                      r"accessControlId|flavorParamsIds|bitrates|executionTime|streamUsername|srtPass|srtStreamId|lastActive|nextStatus|streamName|segmentDuration)$", re.I)


ID_KEY = re.compile(r"(^id|Id|Ids|ID|IDS|[iI]dsFull)$")


class Api:
    def __init__(self, url, partner):
        self.url, self.partner, self.ks = url.rstrip("/"), partner, None

    def raw(self, path, data=None, content_type="application/x-www-form-urlencoded"):
        request = urllib.request.Request(self.url + path, data, {"Content-Type": content_type} if data is not None else {})
        try:
            with urllib.request.urlopen(request, timeout=120) as r:
                return r.status, r.headers.get("Content-Type", ""), r.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as e:
            return e.code, e.headers.get("Content-Type", ""), e.read().decode("utf-8", "replace")

    def call(self, service, action, params, ks):
        body = dict(flatten(params), format="1")
        if ks:
            body["ks"] = ks
        status, kind, text = self.raw("/api_v3/service/%s/action/%s" % (service, action), urllib.parse.urlencode(body).encode())
        if not text.strip():
            return None
        try:
            return json.loads(text)
        except ValueError:
            return {"UNREADABLE": text[:300], "http": status}


def flatten(value, base=""):
    out = {}
    for key, inner in value.items():
        name = base + key
        if isinstance(inner, dict):
            out.update(flatten(inner, name + ":"))
        elif isinstance(inner, list):
            for i, item in enumerate(inner):
                out.update(flatten(item, "%s:%d:" % (name, i)))
        elif isinstance(inner, bool):
            out[name] = "1" if inner else "0"
        else:
            out[name] = str(inner)
    return out


class Run:
    def __init__(self, url, partner, admin, user):
        self.api = Api(url, partner)
        self.partner, self.admin_secret, self.user_secret = int(partner), admin, user
        self.stamp = "%d" % (time.time() * 10)
        self.t0 = 2000000000 + int(self.stamp[-6:]) * 10
        self.names = {}
        self.steps = collections.OrderedDict()
        self.flow = ""

    def know(self, name, value):
        if value is not None:
            self.names[str(value)] = "<%s>" % name
        return value

    def step(self, name, service, action, ks="admin", **params):
        session = {"admin": self.admin, "user": self.user, None: None}.get(ks, ks)
        result = self.api.call(service, action, params, session)
        self.note(name, result, params)
        return result

    def note(self, name, result, params=None):
        key = "%s / %s" % (self.flow, name)
        if key in self.steps:
            raise SystemExit("two steps named " + key)
        self.steps[key] = {"result": result, "sent": sorted(self.sent(params or {}))}

    def sent(self, params):
        out = set()
        for key, value in params.items():
            if isinstance(value, dict):
                out |= {k for k, v in value.items() if not isinstance(v, (dict, list))}
        return out

    def clean(self, value, key=""):
        if isinstance(value, dict):
            return {k: self.clean(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.clean(v, key) for v in value]
        if isinstance(value, bool) or value is None:
            return value
        if VOLATILE.search(key) and not (key == "code" or key == "message"):
            return "<%s>" % type(value).__name__
        text = str(value)
        if text in self.names and (ID_KEY.search(key) or len(text) > 5):
            return self.names[text]
        if isinstance(value, int):
            if self.t0 - 5000 <= value <= self.t0 + 700000:
                return "<t%+d>" % (value - self.t0)
            return "<id>" if ID_KEY.search(key) and value > 9 else value
        if key == "id" or key.endswith("EntryId"):
            text = re.sub(r"^[01]_[0-9a-z]{8}$", "<some id>", text)
        for known in sorted(self.names, key=len, reverse=True):
            if len(known) > 5 and not known.isdigit() and known in text:
                text = text.replace(known, self.names[known])
            elif known.isdigit() and (len(known) > 4 or ID_KEY.search(key)):
                text = re.sub(r"(?<![\w.])%s(?![\w.])" % known, self.names[known], text)
        text = re.sub(r"(?<!\d)20\d{8}(?!\d)", lambda m: "<t%+d>" % (int(m.group()) - self.t0), text)
        text = text.replace(self.stamp, "<stamp>").replace(self.stamp[-7:], "<stamp>").replace(str(self.partner), "<partner>")
        text = re.sub(r"https?://[^/\"\s]+", "<host>", text)
        text = re.sub(r"djJ8[\w=-]{40,}", "<ks>", text)
        return text

    # ------------------------------------------------------------ the flows
    def start(self):
        self.know("partner", self.partner)
        self.admin = self.api.call("session", "start", {"secret": self.admin_secret, "partnerId": self.partner, "type": 2, "userId": "manager@example.test",
                                                        "privileges": "disableentitlement"}, None)
        self.user = self.api.call("session", "start", {"secret": self.user_secret, "partnerId": self.partner, "type": 0, "userId": "viewer@example.test"}, None)
        if not isinstance(self.admin, str) or not isinstance(self.user, str):
            raise SystemExit("session.start gave no sessions: %r %r" % (self.admin, self.user))

    def wire(self):
        a, ks = self.api, self.admin
        self.step("no such service", "nosuch", "get")
        self.step("no such action", "category", "nosuch")
        self.step("a plugin's service without its plugin's name", "scheduleEvent", "list")
        self.step("service and action in any case", "BaseEntry", "LIST", filter={"idEqual": "0_nosuchid"})
        self.step("missing parameter", "category", "get")
        self.step("no session", "category", "get", ks=None, id=1)
        self.step("a session that is none", "category", "get", ks="bm90IGEga3M=", id=1)
        self.step("ping needs no session", "system", "ping", ks=None)
        for name, path in (("query string", "/api_v3/?service=system&action=ping&format=1"), ("index.php", "/api_v3/index.php?service=system&action=ping&format=1"),
                           ("path", "/api_v3/service/system/action/ping?format=1"), ("path with a format", "/api_v3/service/system/action/ping/format/1"),
                           ("doubled slash", "//api_v3/service/system/action/ping?format=1")):
            status, kind, text = a.raw(path)
            self.note("GET by " + name, {"http": status, "body": text})
        status, kind, text = a.raw("/api_v3/service/system/action/ping")
        self.note("XML is the default", {"kind": kind.split(";")[0], "body": re.sub(r"<executionTime>[^<]*", "<executionTime>", text)})
        status, kind, text = a.raw("/api_v3/service/category/action/get?ks=%s&id=999999999" % urllib.parse.quote(ks))
        self.note("an error in XML", {"http": status, "body": re.sub(r"<executionTime>[^<]*", "<executionTime>", text)})
        status, kind, text = a.raw("/api_v3/service/system/action/ping?format=9&callback=cb")
        self.note("JSONP", {"body": re.sub(r"\s", "", text)})
        status, kind, text = a.raw("/api_v3/service/system/action/ping?format=77")
        self.note("a format there is none of", {"known": "UNKNOWN_RESPONSE_FORMAT" in text or "nknown" in text})
        status, kind, text = a.raw("/api_v3/service/baseentry/action/list", json.dumps({"ks": ks, "format": 1, "filter": {"objectType": "KalturaBaseEntryFilter", "idEqual": "0_nosuchid"}}).encode(), "application/json")
        self.note("a JSON body", json.loads(text))
        status, kind, text = a.raw("/api_v3/service/baseentry/action/list?ks=%s&filter:idEqual=0_nosuchid" % urllib.parse.quote(ks))
        self.note("an empty list in XML", {"body": re.sub(r"<executionTime>[^<]*", "<executionTime>", text)})
        self.step("an unknown property is ignored", "baseentry", "list", filter={"objectType": "KalturaBaseEntryFilter", "idEqual": "0_nosuchid", "noSuchProperty": "1"})
        self.step("an objectType of another family is ignored", "baseentry", "list", filter={"objectType": "KalturaCategoryFilter", "idEqual": "0_nosuchid"})
        self.step("a bad enumeration value", "category", "add", category={"name": "x", "privacy": 99})
        self.step("pageSize beyond the limit", "baseentry", "list", pager={"pageSize": 100000}, filter={"idEqual": "0_nosuchid"})

    def sessions(self):
        start = lambda name, **kw: self.step(name, "session", "start", ks=None, **dict({"partnerId": self.partner}, **kw))  # noqa: E731
        start("wrong secret", secret="0" * 32, type=0)
        start("admin session with the user secret", secret=self.user_secret, type=2)
        start("no secret", type=0)
        start("unknown partner", secret=self.admin_secret, type=2, partnerId=99999999)
        info = self.step("get, admin", "session", "get")
        self.note("get's expiry is a time", {"ok": isinstance(info, dict) and abs(int(info.get("expiry", 0)) - time.time() - 86400) < 120})
        self.step("get, user session", "session", "get", ks="user")
        ks = self.api.call("session", "start", {"secret": self.admin_secret, "partnerId": self.partner, "type": 2, "expiry": -10, "userId": "manager@example.test"}, None)
        self.step("expired", "session", "get", ks=ks)
        ks = self.api.call("session", "start", {"secret": self.admin_secret, "partnerId": self.partner, "type": 2, "userId": "manager@example.test",
                                                "privileges": "sview:1_a,sview:1_b,edit:*,urirestrict:/api_v3/*"}, None)
        self.step("a privilege named twice", "session", "get", ks=ks)
        ks = self.api.call("session", "start", {"secret": self.admin_secret, "partnerId": self.partner, "type": 2, "userId": "manager@example.test", "privileges": "actionslimit:2"}, None)
        for i in (1, 2, 3):
            self.step("actions limit of two, call %d" % i, "category", "get", ks=ks, id=999999999)
        ks = self.api.call("session", "start", {"secret": self.admin_secret, "partnerId": self.partner, "type": 2, "userId": "manager@example.test"}, None)
        self.step("end", "session", "end", ks=ks)
        self.step("after end", "session", "get", ks=ks)
        self.step("widget", "session", "startWidgetSession", ks=None, widgetId="_%d" % self.partner)
        self.step("widget of nobody", "session", "startWidgetSession", ks=None, widgetId="_99999999")
        self.step("another partner's id with this session", "category", "list", partnerId=99)

    def apptokens(self):
        token = self.step("add", "apptoken", "add", appToken={"objectType": "KalturaAppToken", "hashType": "SHA256", "sessionType": 2, "sessionUserId": "robot@example.test",
                                                            "sessionPrivileges": "disableentitlement,list:*", "sessionDuration": 900}) or {}
        self.know("token id", token.get("id"))
        self.know("token", token.get("token"))
        widget = self.api.call("session", "startWidgetSession", {"widgetId": "_%d" % self.partner}, None)["ks"]
        proof = hashlib.sha256((widget + str(token.get("token"))).encode()).hexdigest()
        self.step("start", "apptoken", "startSession", ks=widget, id=token.get("id"), tokenHash=proof)
        self.step("start, other user and type asked for", "apptoken", "startSession", ks=widget, id=token.get("id"), tokenHash=proof, userId="else@example.test", type=0, sessionPrivileges="edit:*,mine:1")
        self.step("wrong hash", "apptoken", "startSession", ks=widget, id=token.get("id"), tokenHash=proof[:-1] + ("1" if proof.endswith("0") else "0"))
        self.step("no such token", "apptoken", "startSession", ks=widget, id="0-00000000", tokenHash=proof)
        self.step("get", "apptoken", "get", id=token.get("id"))
        self.step("get with a user session", "apptoken", "get", ks="user", id=token.get("id"))
        self.step("bad hash type", "apptoken", "add", appToken={"hashType": "SHA7"})
        self.step("read-only property", "apptoken", "add", appToken={"hashType": "SHA1", "sessionUserId": "robot@example.test", "token": "x"})
        self.step("delete", "apptoken", "delete", id=token.get("id"))
        self.step("start after delete", "apptoken", "startSession", ks=widget, id=token.get("id"), tokenHash=proof)

    def categories(self):
        name = "Event " + self.stamp
        top = self.step("add", "category", "add", category={"objectType": "KalturaCategory", "name": name, "description": "d", "tags": "a, b", "referenceId": "ref" + self.stamp}) or {}
        self.know("cat", top.get("id"))
        self.step("same name again", "category", "add", category={"name": name})
        sub = self.step("add a child", "category", "add", category={"name": "Track 1", "parentId": top.get("id")}) or {}
        self.know("sub", sub.get("id"))
        self.step("same child name again", "category", "add", category={"name": "Track 1", "parentId": top.get("id")})
        self.step("no name", "category", "add", category={"description": "x"})
        self.step("unknown parent", "category", "add", category={"name": "x" + self.stamp, "parentId": 99999999})
        self.step("with a user session", "category", "add", ks="user", category={"name": "y" + self.stamp})
        self.step("read-only property", "category", "add", category={"name": "z" + self.stamp, "id": 5})
        self.step("get", "category", "get", id=top.get("id"))
        self.step("get unknown", "category", "get", id=99999999)
        self.step("update", "category", "update", id=sub.get("id"), category={"name": "Track One", "description": "new"})
        self.step("update unknown", "category", "update", id=99999999, category={"name": "q"})
        self.step("update with nothing", "category", "update", id=sub.get("id"), category={"objectType": "KalturaCategory"})
        self.step("clear a property", "category", "update", id=sub.get("id"), category={"objectType": "KalturaCategory", "description__null": ""})
        self.step("list children", "category", "list", filter={"parentIdEqual": top.get("id")})
        self.step("list by reference", "category", "list", filter={"referenceIdEqual": "ref" + self.stamp})
        self.step("list by full name", "category", "list", filter={"fullNameEqual": name + ">Track One"})
        self.step("list by ids", "category", "list", filter={"idIn": "%s,%s" % (top.get("id"), sub.get("id")), "orderBy": "+id"})
        self.step("delete the child", "category", "delete", id=sub.get("id"))
        self.step("get it after that", "category", "get", id=sub.get("id"))
        self.step("delete it again", "category", "delete", id=sub.get("id"))
        self.cat = top.get("id")

    def entries(self):
        live = self.step("liveStream.add", "livestream", "add", sourceType="32", liveStreamEntry={
            "objectType": "KalturaLiveStreamEntry", "name": "Live " + self.stamp, "description": "d", "mediaType": 201, "dvrStatus": 1, "dvrWindow": 60, "recordStatus": 1,
            "adminTags": "kms-webcast-event,kwebcast", "tags": "one, two,one", "referenceId": "live" + self.stamp, "explicitLive": 1, "entitledUsersEdit": "ed@example.test",
            "recordingOptions": {"objectType": "KalturaLiveEntryRecordingOptions", "shouldCopyEntitlement": 1, "shouldCopyThumbnail": 1}}) or {}
        self.live = self.know("live", live.get("id"))
        self.note("liveStream.add: an id of the usual form", {"ok": bool(re.match(r"^[01]_[0-9a-z]{8}$", str(self.live)))})
        self.step("liveStream.add without mediaType", "livestream", "add", sourceType="32", liveStreamEntry={"name": "x"})
        self.step("liveStream.add without sourceType", "livestream", "add", liveStreamEntry={"name": "x", "mediaType": 201})
        self.step("liveStream.add with a bad recordStatus", "livestream", "add", sourceType="32", liveStreamEntry={"name": "x", "mediaType": 201, "recordStatus": 9})
        self.step("liveStream.add with an unknown conversion profile", "livestream", "add", sourceType="32", liveStreamEntry={"name": "x", "mediaType": 201, "conversionProfileId": 99999999})
        self.step("liveStream.get", "livestream", "get", entryId=self.live)
        self.step("liveStream.get unknown", "livestream", "get", entryId="0_nosuchid")
        self.step("liveStream.isLive", "livestream", "isLive", id=self.live, protocol="auto")
        self.step("liveStream.isLive without a session", "livestream", "isLive", ks=None, id=self.live, protocol="auto")
        self.step("liveStream.isLive unknown", "livestream", "isLive", id="0_nosuchid", protocol="auto")
        self.step("liveStream.update", "livestream", "update", entryId=self.live, liveStreamEntry={"objectType": "KalturaLiveStreamEntry", "name": "Live renamed"})
        self.step("liveStream.update read-only", "livestream", "update", entryId=self.live, liveStreamEntry={"objectType": "KalturaLiveStreamEntry", "partnerId": 5})
        self.step("liveStream.update with another's session", "livestream", "update", ks="user", entryId=self.live, liveStreamEntry={"objectType": "KalturaLiveStreamEntry", "name": "no"})
        room = self.step("room.add", "room_room", "add", entry={"objectType": "KalturaRoomEntry", "name": "Room " + self.stamp, "roomType": 1, "referenceId": "room" + self.stamp}) or {}
        self.room = self.know("room", room.get("id"))
        self.step("room.add with a bad roomType", "room_room", "add", entry={"objectType": "KalturaRoomEntry", "name": "x", "roomType": 77})
        self.step("room.get", "room_room", "get", roomId=self.room)
        self.step("room.update", "room_room", "update", roomId=self.room, room={"objectType": "KalturaRoomEntry", "name": "Room renamed", "broadcastEntryId": self.live})
        self.step("room.list by reference", "room_room", "list", filter={"objectType": "KalturaRoomEntryFilter", "referenceIdEqual": "room" + self.stamp})
        self.step("room.list by reference, any status", "room_room", "list", filter={"objectType": "KalturaRoomEntryFilter", "referenceIdEqual": "room" + self.stamp, "statusIn": "7,2,1,4"})
        media = self.step("media.add", "media", "add", entry={"objectType": "KalturaMediaEntry", "name": "Vod " + self.stamp, "mediaType": 1}) or {}
        self.media = self.know("media", media.get("id"))
        self.step("media.add without mediaType", "media", "add", entry={"objectType": "KalturaMediaEntry", "name": "x"})
        self.step("baseEntry.get of a live stream", "baseentry", "get", entryId=self.live)
        self.step("baseEntry.get unknown", "baseentry", "get", entryId="0_nosuchid")
        self.step("baseEntry.list by ids", "baseentry", "list", filter={"objectType": "KalturaBaseEntryFilter", "idIn": "%s,%s" % (self.live, self.room), "typeIn": "7,room.room", "orderBy": "+name"})
        self.step("baseEntry.list by reference", "baseentry", "list", filter={"objectType": "KalturaBaseEntryFilter", "referenceIdEqual": "live" + self.stamp})
        self.step("baseEntry.list of a room by id", "baseentry", "list", filter={"objectType": "KalturaBaseEntryFilter", "idEqual": self.room})
        self.step("baseEntry.list of all three by ids", "baseentry", "list", filter={"objectType": "KalturaBaseEntryFilter", "idIn": "%s,%s,%s" % (self.live, self.room, self.media), "orderBy": "+name"})
        self.step("baseEntry.list, second page of one", "baseentry", "list", filter={"objectType": "KalturaBaseEntryFilter", "idIn": "%s,%s" % (self.live, self.room), "statusIn": "7,2", "typeIn": "7,room.room", "orderBy": "+name"}, pager={"pageSize": 1, "pageIndex": 2})
        self.step("baseEntry.list by root entry", "baseentry", "list", filter={"objectType": "KalturaBaseEntryFilter", "rootEntryIdEqual": self.live})
        self.step("baseEntry.update", "baseentry", "update", entryId=self.live, baseEntry={"objectType": "KalturaBaseEntry", "tags": "three"})
        self.step("media.get of a live stream", "media", "get", entryId=self.live)
        self.step("media.delete of a live stream", "media", "delete", entryId=self.live)
        self.step("categoryEntry.add", "categoryentry", "add", categoryEntry={"objectType": "KalturaCategoryEntry", "categoryId": self.cat, "entryId": self.live})
        self.step("categoryEntry.add again", "categoryentry", "add", categoryEntry={"categoryId": self.cat, "entryId": self.live})
        self.step("categoryEntry.add, no such entry", "categoryentry", "add", categoryEntry={"categoryId": self.cat, "entryId": "0_nosuchid"})
        self.step("categoryEntry.add, no such category", "categoryentry", "add", categoryEntry={"categoryId": 99999999, "entryId": self.live})
        self.step("categoryEntry.add, no category", "categoryentry", "add", categoryEntry={"entryId": self.live})
        self.step("categoryEntry.list", "categoryentry", "list", filter={"entryIdEqual": self.live})
        found = self.api.call("categoryentry", "list", {}, self.admin)
        self.note("categoryEntry.list without a filter", {"objectType": found.get("objectType"), "some": found.get("totalCount", 0) > 0})
        self.step("the category counts it", "category", "get", id=self.cat)
        self.step("baseEntry.list by category", "baseentry", "list", filter={"objectType": "KalturaBaseEntryFilter", "categoriesIdsMatchOr": self.cat})
        self.step("categoryEntry.delete", "categoryentry", "delete", entryId=self.live, categoryId=self.cat)
        self.step("categoryEntry.delete again", "categoryentry", "delete", entryId=self.live, categoryId=self.cat)
        self.step("a category list with the entry's session of a viewer", "categoryentry", "list", ks="user", filter={"entryIdEqual": self.live})

    def schedule(self):
        t0 = self.t0
        add = lambda name, kind="KalturaLiveStreamScheduleEvent", **kw: self.step(name, "schedule_scheduleevent", "add", scheduleEvent=dict({"objectType": kind}, **kw)) or {}  # noqa: E731
        base = {"summary": "Session " + self.stamp, "startDate": t0, "endDate": t0 + 3600, "recurrenceType": 0, "templateEntryId": self.live}
        event = add("add", **dict(base, classificationType=1, organizer="org@example.test", ownerId="owner@example.test", tags="x,y", referenceId="se" + self.stamp, description="d"))
        self.event = self.know("event", event.get("id"))
        add("at the same time, same entry", **base)
        add("overlapping, same entry", **dict(base, startDate=t0 + 1800, endDate=t0 + 5400))
        add("right after, same entry", **dict(base, startDate=t0 + 3600, endDate=t0 + 7200))
        add("at the same time, other entry", **dict(base, templateEntryId=self.room))
        add("abstract type", kind="KalturaScheduleEvent", **base)
        for missing in ("summary", "startDate", "endDate", "recurrenceType"):
            add("without " + missing, **{k: v for k, v in dict(base, startDate=t0 + 20000, endDate=t0 + 21000).items() if k != missing})
        add("ends before it starts", **dict(base, startDate=t0 + 30000, endDate=t0 + 29000))
        add("longer than a day", **dict(base, startDate=t0 + 100000, endDate=t0 + 100000 + 86401))
        add("exactly a day", **dict(base, startDate=t0 + 300000, endDate=t0 + 300000 + 86400))
        add("unknown entry", **dict(base, templateEntryId="0_n" + self.stamp[-7:], startDate=t0 + 7200, endDate=t0 + 10800))
        add("summary too long", **dict(base, summary="x" * 257))
        add("read-only status", **dict(base, startDate=t0 + 500000, endDate=t0 + 500100, status=2))
        add("bad classification", **dict(base, classificationType=9))
        meeting = add("a meeting", kind="KalturaMeetingScheduleEvent", summary="m", startDate=t0, endDate=t0 + 60, recurrenceType=0)
        self.know("meeting", meeting.get("id"))
        record = add("a recording", kind="KalturaRecordScheduleEvent", summary="r", startDate=t0, endDate=t0 + 3600, recurrenceType=0, tags="custom_rec_auto_start:1")
        self.know("record", record.get("id"))
        self.step("with a user session", "schedule_scheduleevent", "add", ks="user", scheduleEvent=dict(base, objectType="KalturaLiveStreamScheduleEvent"))
        self.step("get", "schedule_scheduleevent", "get", scheduleEventId=self.event)
        self.step("get unknown", "schedule_scheduleevent", "get", scheduleEventId=99999999)
        up = lambda name, **kw: self.step(name, "schedule_scheduleevent", "update", scheduleEventId=self.event, scheduleEvent={k: v for k, v in dict({"objectType": "KalturaLiveStreamScheduleEvent"}, **kw).items() if v != ""})  # noqa: E731
        up("update summary", summary="renamed")
        up("update times", startDate=t0 + 36000, endDate=t0 + 39600)
        up("update end only, before the start", endDate=t0)
        up("update into another event of the entry", startDate=t0 + 3600, endDate=t0 + 7200)
        up("update referenceId", referenceId="other")
        up("update ownerId", ownerId="owner@example.test")
        up("update as another type of event", objectType="KalturaMeetingScheduleEvent", summary="still live")
        up("update without saying the type", objectType="", summary="typeless")
        up("update read-only", partnerId=5)
        self.step("list by entry", "schedule_scheduleevent", "list", filter={"objectType": "KalturaLiveStreamScheduleEventFilter", "templateEntryIdEqual": self.live, "orderBy": "+startDate"})
        self.step("list by time", "schedule_scheduleevent", "list", filter={"objectType": "KalturaLiveStreamScheduleEventFilter", "templateEntryIdEqual": self.live,
                                                                          "startDateGreaterThanOrEqual": t0 + 36000, "startDateLessThanOrEqual": t0 + 36000})
        self.step("list by reference", "schedule_scheduleevent", "list", filter={"objectType": "KalturaScheduleEventFilter", "referenceIdEqual": "other"})
        self.step("list by ids", "schedule_scheduleevent", "list", filter={"objectType": "KalturaScheduleEventFilter", "idIn": "%s,%s" % (self.event, meeting.get("id")), "orderBy": "+startDate"})
        res = self.step("resource add", "schedule_scheduleresource", "add", scheduleResource={"objectType": "KalturaLocationScheduleResource", "name": "Res " + self.stamp, "tags": "vcprovider:newrow"}) or {}
        self.res = self.know("res", res.get("id"))
        self.step("resource add, abstract", "schedule_scheduleresource", "add", scheduleResource={"name": "x"})
        self.step("resource add, no name", "schedule_scheduleresource", "add", scheduleResource={"objectType": "KalturaLocationScheduleResource"})
        self.step("resource get", "schedule_scheduleresource", "get", scheduleResourceId=self.res)
        self.step("resource update", "schedule_scheduleresource", "update", scheduleResourceId=self.res, scheduleResource={"objectType": "KalturaLocationScheduleResource", "description": "z"})
        self.step("resource list by id", "schedule_scheduleresource", "list", filter={"idEqual": self.res})
        link = {"eventId": record.get("id"), "resourceId": self.res}
        self.step("event-resource add", "schedule_scheduleeventresource", "add", scheduleEventResource=link)
        self.step("event-resource add again", "schedule_scheduleeventresource", "add", scheduleEventResource=link)
        self.step("event-resource add, no such event", "schedule_scheduleeventresource", "add", scheduleEventResource=dict(link, eventId=99999999))
        self.step("event-resource list", "schedule_scheduleeventresource", "list", filter={"eventIdEqual": record.get("id")})
        self.step("event-resource delete", "schedule_scheduleeventresource", "delete", scheduleEventId=record.get("id"), scheduleResourceId=self.res)
        self.step("cancel", "schedule_scheduleevent", "cancel", scheduleEventId=self.event)
        self.step("a new one at the cancelled one's time", "schedule_scheduleevent", "add", scheduleEvent=dict(base, objectType="KalturaLiveStreamScheduleEvent", startDate=t0 + 36000, endDate=t0 + 39600))
        self.step("delete", "schedule_scheduleevent", "delete", scheduleEventId=self.event)
        self.step("get deleted", "schedule_scheduleevent", "get", scheduleEventId=self.event)
        self.step("delete again", "schedule_scheduleevent", "delete", scheduleEventId=self.event)
        self.step("update deleted", "schedule_scheduleevent", "update", scheduleEventId=self.event, scheduleEvent={"objectType": "KalturaLiveStreamScheduleEvent", "summary": "x"})

    def metadata(self):
        found = self.api.call("metadata_metadataprofile", "list", {"filter": {"objectType": "KalturaMetadataProfileFilter", "systemNameEqual": "KMS_EVENTS3"}}, self.admin)
        kweb = self.api.call("metadata_metadataprofile", "list", {"filter": {"objectType": "KalturaMetadataProfileFilter", "systemNameEqual": "KMS_KWEBCAST2"}}, self.admin)
        profile = (found.get("objects") or [{}])[0]
        self.know("events profile", profile.get("id"))
        other = (kweb.get("objects") or [{}])[0]
        self.know("kwebcast profile", other.get("id"))
        self.note("the two profiles", {"events": found.get("totalCount"), "kwebcast": kweb.get("totalCount"), "name": profile.get("name"), "object": profile.get("metadataObjectType"),
                                       "type": profile.get("objectType"), "status": profile.get("status"), "xsd": "PresenterName" in str(profile.get("xsd"))})
        self.step("profile by name", "metadata_metadataprofile", "list", filter={"objectType": "KalturaMetadataProfileFilter", "nameEqual": "KwebcastProfile", "metadataObjectTypeEqual": 1},
                  responseProfile={"objectType": "KalturaDetachedResponseProfile", "type": 1, "fields": "name,systemName,metadataObjectType"})
        self.step("profile unknown", "metadata_metadataprofile", "list", filter={"objectType": "KalturaMetadataProfileFilter", "systemNameEqual": "NO_SUCH"})
        add = lambda name, xml, object_id=None, pid=profile.get("id"): self.step(name, "metadata_metadata", "add", metadataProfileId=pid, objectType=1, objectId=object_id or self.live, xmlData=xml) or {}  # noqa: E731
        good = "<metadata><StartTime>1589137200</StartTime><EndTime>1589137440</EndTime><Timezone>Asia/Jerusalem</Timezone></metadata>"
        item = add("add", good)
        self.know("metadata", item.get("id"))
        add("add again to the same entry", good)
        add("elements in another order", "<metadata><EndTime>1</EndTime><StartTime>2</StartTime></metadata>", self.media)
        add("an element the profile lacks", "<metadata><Nope>1</Nope></metadata>", self.media)
        add("text where a number belongs", "<metadata><StartTime>soon</StartTime></metadata>", self.media)
        add("not XML", "hello", self.media)
        add("no such entry", good, "0_nosuchid")
        add("no such profile", good, self.media, 99999999)
        self.step("update", "metadata_metadata", "update", id=item.get("id"), xmlData=good.replace("Asia/Jerusalem", "UTC"))
        self.step("get", "metadata_metadata", "get", id=item.get("id"))
        self.step("list of the entry", "metadata_metadata", "list", filter={"objectType": "KalturaMetadataFilter", "metadataObjectTypeEqual": 1, "objectIdEqual": self.live})
        self.step("list without an object", "metadata_metadata", "list", filter={"objectType": "KalturaMetadataFilter", "metadataProfileIdEqual": profile.get("id")})
        self.step("update unknown", "metadata_metadata", "update", id=99999999, xmlData=good)
        self.step("delete", "metadata_metadata", "delete", id=item.get("id"))
        self.step("get deleted", "metadata_metadata", "get", id=item.get("id"))

    def users(self):
        uid = "person.%s@example.test" % self.stamp
        self.step("add", "user", "add", user={"objectType": "KalturaUser", "id": uid, "email": uid, "firstName": "Ann", "lastName": "Lee", "fullName": "Ann Lee"})
        self.step("add again", "user", "add", user={"id": uid, "email": uid})
        self.step("add without an id", "user", "add", user={"email": uid})
        self.step("get", "user", "get", userId=uid)
        self.step("get unknown", "user", "get", userId="nobody-" + self.stamp)
        self.step("update", "user", "update", userId=uid, user={"objectType": "KalturaUser", "firstName": "Anna"})
        self.step("list", "user", "list", filter={"objectType": "KalturaUserFilter", "idEqual": uid})
        self.step("delete", "user", "delete", userId=uid)

    def multirequest(self):
        a = self.api
        post = lambda body: a.raw("/api_v3/service/multirequest", urllib.parse.urlencode(dict(body, format="1")).encode())[2]  # noqa: E731
        name = "Multi " + self.stamp
        text = post({"ks": self.admin, "1:service": "category", "1:action": "add", "1:category:name": name, "2:service": "category", "2:action": "add", "2:category:name": "sub",
                     "2:category:parentId": "{1:result:id}", "3:service": "category", "3:action": "get", "3:id": "99999999", "4:service": "category", "4:action": "list",
                     "4:filter:parentIdEqual": "{1:result:id}", "5:service": "category", "5:action": "get", "5:id": "{4:result:objects:0:id}"})
        value = json.loads(text)
        for i, item in enumerate(value if isinstance(value, list) else []):
            if isinstance(item, dict) and "id" in item and i < 2:
                self.know("multi%d" % i, item["id"])
        self.note("form, five sub-requests, an error in the middle, references", value)
        text = a.raw("/api_v3/service/multirequest", json.dumps({"ks": self.admin, "format": 1, "0": {"service": "category", "action": "get", "id": 99999999},
                     "1": {"service": "category", "action": "list", "filter": {"fullNameEqual": name}}, "2": {"service": "category", "action": "get", "id": "{2:result:objects:0:id}"}}).encode(), "application/json")[2]
        self.note("JSON, numbered from 0, references from 1", json.loads(text))
        text = post({"1:service": "session", "1:action": "start", "1:secret": self.admin_secret, "1:partnerId": self.partner, "1:type": "2", "1:userId": "manager@example.test",
                     "2:ks": "{1:result}", "2:service": "category", "2:action": "list", "2:filter:fullNameEqual": name})
        self.note("the session of the first", json.loads(text))
        text = post({"ks": self.admin, "1:service": "category", "1:action": "get", "1:id": "99999999", "2:service": "category", "2:action": "get", "2:id": "{1:result:id}"})
        self.note("a reference into an error", json.loads(text))
        text = a.raw("/api_v3/service/multirequest?ks=%s&1:service=system&1:action=ping&2:service=nosuch&2:action=x" % urllib.parse.quote(self.admin))[2]
        self.note("in XML", {"body": re.sub(r"<executionTime>[^<]*", "<executionTime>", text)})

    def cleanup(self):
        self.step("liveStream.delete", "livestream", "delete", entryId=self.live)
        self.step("get after delete", "livestream", "get", entryId=self.live)
        self.step("delete again", "livestream", "delete", entryId=self.live)
        self.step("list after delete", "baseentry", "list", filter={"objectType": "KalturaBaseEntryFilter", "idEqual": self.live})
        self.step("room.delete", "room_room", "delete", roomId=self.room)
        self.step("events of a deleted entry", "schedule_scheduleevent", "list", filter={"objectType": "KalturaLiveStreamScheduleEventFilter", "templateEntryIdEqual": self.live})
        self.step("media.delete", "media", "delete", entryId=self.media)
        self.step("category.delete", "category", "delete", id=self.cat)

    FLOWS = ("wire", "sessions", "apptokens", "categories", "entries", "schedule", "metadata", "users", "multirequest", "cleanup")

    def all(self):
        self.start()
        for self.flow in self.FLOWS:
            try:
                getattr(self, self.flow)()
            except (TypeError, KeyError, AttributeError, ValueError, urllib.error.URLError) as e:
                self.note("THE FLOW BROKE OFF", {"why": "%s: %s" % (type(e).__name__, e)})
        for step in self.steps.values():  # at the end, when every id has its name
            step["result"] = self.clean(step["result"])
        return self.steps


def compare(golden, got, sent, path=""):
    """[(serious, where, golden, got)]"""
    key = path.rsplit(".", 1)[-1].split("[")[0]
    if isinstance(golden, dict) and isinstance(got, dict):
        out = []
        is_error = golden.get("objectType") == "KalturaAPIException" or got.get("objectType") == "KalturaAPIException"
        for name in sorted(set(golden) | set(got)):
            where = "%s.%s" % (path, name) if path else name
            if is_error and name in ("message", "args"):
                if golden.get(name) != got.get(name):
                    out.append((False, where, golden.get(name), got.get(name)))
            elif name not in got:
                out.append((is_error or name in MUST or name in sent or name == "objects", where, golden[name], "(absent)"))
            elif name not in golden:
                out.append((is_error, where, "(absent)", got[name]))
            else:
                out += compare(golden[name], got[name], sent, where)
        return out
    if isinstance(golden, list) and isinstance(got, list):
        out = [] if len(golden) == len(got) else [(True, path + ".length", len(golden), len(got))]
        for i, (one, two) in enumerate(zip(golden, got)):
            out += compare(one, two, sent, "%s[%d]" % (path, i))
        return out
    if golden == got or (isinstance(golden, (int, str)) and isinstance(got, (int, str)) and not isinstance(golden, bool) and not isinstance(got, bool) and str(golden) == str(got)):
        return []
    if isinstance(golden, str) and golden.startswith("<") and golden.endswith(">") and golden == "<%s>" % type(got).__name__:
        return []
    return [(path == "" or key in MUST or key in sent or key in ("body", "ok", "http", "kind") or isinstance(golden, (dict, list)) != isinstance(got, (dict, list)), path, golden, got)]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("verb", choices=("record", "check"))
    p.add_argument("service")
    p.add_argument("partner")
    p.add_argument("admin")
    p.add_argument("user")
    p.add_argument("--out", default=os.path.join(HERE, "golden.json"))
    p.add_argument("--golden", default=os.path.join(HERE, "golden.json"))
    p.add_argument("--only", action="append", default=[])
    p.add_argument("--verbose", action="store_true")
    a = p.parse_args()
    steps = Run(a.service, a.partner, a.admin, a.user).all()
    if a.verb == "record":
        with open(a.out, "w", encoding="utf-8") as f:
            json.dump(steps, f, indent=1, ensure_ascii=False, sort_keys=True)
            f.write("\n")
        print("%d steps, %d of them errors -> %s" % (len(steps), sum(isinstance(s["result"], dict) and s["result"].get("objectType") == "KalturaAPIException" for s in steps.values()), os.path.basename(a.out)))
        return 0
    golden = json.load(open(a.golden, encoding="utf-8"))
    good = bad = small = 0
    for key, want in golden.items():
        if a.only and key.split(" / ")[0] not in a.only:
            continue
        if key not in steps:
            bad += 1
            print("FAIL %s  -- not reached" % key)
            continue
        found = compare(want["result"], steps[key]["result"], set(want["sent"]))
        serious = [f for f in found if f[0]]
        small += len(found) - len(serious)
        if serious:
            bad += 1
            print("FAIL %s" % key)
        else:
            good += 1
        for s, where, one, two in (found if a.verbose else serious)[:12]:
            print("   %s %s: real %s, here %s" % ("*" if s else " ", where or "answer", json.dumps(one, ensure_ascii=False)[:220], json.dumps(two, ensure_ascii=False)[:220]))
    for key in steps:
        if key not in golden and not a.only:
            print("note: no golden answer for " + key)
    print("%d passed, %d failed, %d differences" % (good, bad, small))
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
