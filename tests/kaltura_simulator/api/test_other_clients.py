"""Clients that are not ours: a shell with curl, a page with JSONP, a program in Node."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import call, ks_of

PICTURE = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


def curl(*words: str) -> str:
    """What curl prints; it fails on any status but 2xx."""
    command = ["curl", "-sS", "--fail", "--noproxy", "*", "--max-time", "20", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout


def add_live(kaltura: Simulator) -> str:
    sent = {"name": "Keynote", "mediaType": 201}
    made = call(kaltura, "livestream.add", ks=ks_of(kaltura), sourceType="32", liveStreamEntry=sent)
    return str(made["id"])


def uploaded(kaltura: Simulator) -> list[dict[str, Any]]:
    """The uploaded thumbnails."""
    rows = kaltura.requests("liveStream.updateOfflineThumbnailJpeg")
    return [row for row in rows if row["outcome"] == "ok"]


# --------------------------------------------------------------------------- curl
def test_curl_uploads_a_file_beside_fields(kaltura: Simulator, tmp_path: Path):
    picture, entry = tmp_path / "wait.jpg", add_live(kaltura)
    picture.write_bytes(PICTURE)
    fields = {"format": "1", "ks": ks_of(kaltura), "entryId": entry}
    words = [word for name, value in fields.items() for word in ("-F", f"{name}={value}")]
    url = f"{kaltura.url}/api_v3/service/livestream/action/updateOfflineThumbnailJpeg"

    reply = json.loads(curl(url, *words, "-F", f"fileData=@{picture};type=image/jpeg"))

    assert (reply["id"], len(uploaded(kaltura))) == (entry, 1)


def test_curl_uploads_a_file_beside_json(kaltura: Simulator, tmp_path: Path):
    picture, entry = tmp_path / "wait.jpg", add_live(kaltura)
    picture.write_bytes(PICTURE)
    params = json.dumps({"format": 1, "ks": ks_of(kaltura), "entryId": entry})
    url = f"{kaltura.url}/api_v3/service/livestream/action/updateOfflineThumbnailJpeg"

    reply = json.loads(curl(url, "-F", f"json={params}", "-F", f"fileData=@{picture}"))

    assert (reply["id"], len(uploaded(kaltura))) == (entry, 1)


def test_curl_is_told_that_a_file_is_missing(kaltura: Simulator):
    url = f"{kaltura.url}/api_v3/service/livestream/action/updateOfflineThumbnailJpeg"
    words = [f"format=1&ks={ks_of(kaltura)}&entryId={add_live(kaltura)}"]
    reply = json.loads(curl(url, "-d", *words))
    assert (reply["code"], reply["args"]) == (
        "MISSING_MANDATORY_PARAMETER",
        {"PARAM_NAME": "fileData"},
    )


def test_curl_speaks_several_calls_in_a_form(kaltura: Simulator):
    fields = {
        "format": "1",
        "1:service": "session",
        "1:action": "start",
        "1:secret": kaltura.admin_secret,
        "1:type": "2",
        "1:partnerId": "101",
        "2:service": "category",
        "2:action": "add",
        "2:ks": "{1:result}",
        "2:category:name": "Größe & <more>",
        "3:service": "category",
        "3:action": "get",
        "3:ks": "{1:result}",
        "3:id": "{2:result:id}",
    }
    words = [w for name, value in fields.items() for w in ("--data-urlencode", f"{name}={value}")]
    found = json.loads(curl(f"{kaltura.url}/api_v3/service/multirequest", *words))
    assert [row["fullName"] for row in found[1:]] == ["Größe & _more_"] * 2


def test_curl_of_old_is_answered_too(kaltura: Simulator):
    """HTTP 1.0, HEAD, and a request for compression, which servers may ignore."""
    url = f"{kaltura.url}/api_v3/service/system/action/ping?format=1"
    assert curl("-0", url) == "true"
    assert curl("--compressed", url) == "true"
    assert curl("-I", url).startswith("HTTP/1.1 200")


def test_curl_may_ask_across_origins(kaltura: Simulator):
    url = f"{kaltura.url}/api_v3/service/system/action/ping"
    text = curl("-i", "-X", "OPTIONS", "-H", "Origin: https://portal.example", url)
    assert re.search(r"(?im)^access-control-allow-origin: \*\r?$", text)
    reply = curl("-i", "-H", "Origin: https://portal.example", url)
    assert re.search(r"(?im)^access-control-allow-origin: \*\r?$", reply)
    assert re.search(r"(?im)^x-me: \S", reply)


# -------------------------------------------------------------------------- JSONP
def test_jsonp_wraps_answers_and_refusals(kaltura: Simulator):
    base = f"{kaltura.url}/api_v3/service/category/action"
    asked = f"format=9&callback=page.got_1&ks={ks_of(kaltura)}"
    found = curl(f"{base}/list?{asked}")
    refused = curl(f"{base}/get?{asked}&id=77")
    bodies = [re.fullmatch(r"page\.got_1\((.*)\);?", text, re.DOTALL) for text in (found, refused)]
    rows, refusal = [json.loads(body[1]) for body in bodies if body]
    assert [row["name"] for row in rows["objects"]] == ["KAF", "site", "channels"]
    assert refusal["code"] == "CATEGORY_NOT_FOUND"


def test_jsonp_holds_nothing_that_ends_a_script(kaltura: Simulator):
    """Separators that end a line in old scripts, and hostile callbacks, do no harm."""
    ks = ks_of(kaltura)
    sent = {"name": "a", "description": "first\u2028second"}
    made = call(kaltura, "category.add", ks=ks, category=sent)
    query = f"format=9&callback=alert(1)//&id={made['id']}&ks={ks}"
    text = curl(f"{kaltura.url}/api_v3/service/category/action/get?{query}")
    assert ("\u2028" in text, "alert(1)//" in text) == (False, False)
    body = json.loads(text[text.index("({") + 1 : text.rindex(")")])
    assert body["description"] == "first\u2028second"


# --------------------------------------------------------------------------- Node
SCRIPT = """
const vm = require("node:vm");
const [url, secret] = process.argv.slice(2);
const api = async (path, body, headers) =>
  (await fetch(`${url}/api_v3/service/${path}`, {method: "POST", body, headers})).text();
const json = async (path, params) => JSON.parse(await api(
  path, JSON.stringify({format: 1, ...params}), {"Content-Type": "application/json"}));
(async () => {
  const ks = await json("session/action/start", {secret, type: 2, partnerId: 101});
  const entry = await json("livestream/action/add", {
    ks, sourceType: "32", liveStreamEntry: {name: "Node", mediaType: 201}});
  const form = new FormData();
  for (const [name, value] of Object.entries({format: "1", ks, entryId: entry.id}))
    form.append(name, value);
  form.append("fileData", new Blob([new Uint8Array([255, 216, 255, 217])]), "a.jpg");
  const picture = JSON.parse(await api("livestream/action/updateOfflineThumbnailJpeg", form));
  const many = await json("multirequest", {ks,
    1: {service: "category", action: "add", category: {name: "Node"}},
    2: {service: "category", action: "get", id: "{1:result:id}"},
    3: {service: "category", action: "get", id: 77}});
  const got = [];
  const page = {got: (answer) => got.push(answer.totalCount)};
  const query = new URLSearchParams({format: 9, callback: "got", ks});
  const reply = await fetch(`${url}/api_v3/service/category/action/list?${query}`);
  vm.runInNewContext(await reply.text(), page);
  console.log(JSON.stringify({
    entry: entry.id === picture.id, names: many.map((row) => row.name || row.code), got}));
})();
"""

if shutil.which("node"):  # Without Node nothing stays untested: the shell above does the same.

    def test_node_starts_adds_uploads_and_reads_jsonp(kaltura: Simulator, tmp_path: Path):
        script = tmp_path / "client.js"
        script.write_text(SCRIPT)
        command = ["node", str(script), kaltura.url, kaltura.admin_secret]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert json.loads(done.stdout) == {
            "entry": True,
            "names": ["Node", "Node", "CATEGORY_NOT_FOUND"],
            "got": [4],
        }
