"""Engines: found by name, honest about what they cannot do, and closed to what is no subtitle."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from uuid import uuid4

import pytest

from kaltura_bridge.reach.engines.base import CaptionWork, EngineFailed, EngineUnavailable
from kaltura_bridge.reach.engines.registry import engine_named, known_engines
from kaltura_bridge.reach.engines.sidecar import SidecarEngine
from kaltura_bridge.reach.features import Feature
from kaltura_bridge.reach.languages import language_code
from kaltura_bridge.subtitles import CaptionCue

SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello\n"


def work(**fields):
    fields = {"entry_id": "1_abcdefgh", "name": "Opening: day 1", "language": "English"} | fields
    return CaptionWork(key=uuid4(), feature=Feature.CAPTIONS, **fields)


def sidecar(folder: Path) -> SidecarEngine:
    return SidecarEngine({"folder": str(folder)})


@pytest.mark.parametrize(
    "name",
    [
        "1_abcdefgh.vtt",
        "1_ABCDEFGH.srt",
        "1_abcdefgh.en.srt",
        "talk-7.srt",
        "Opening: day 1.en.srt",
    ],
)
def test_file_is_found_by_each_of_its_names(tmp_path: Path, name: str):
    body = f"WEBVTT\n\n{SRT.replace(',', '.')}" if name.endswith("vtt") else SRT
    (tmp_path / "4711").mkdir()
    (tmp_path / "4711" / name).write_text(body)
    asked = work(reference_id="talk-7", customer_id=4711)

    assert sidecar(tmp_path).waits_for(asked) == ""
    assert list(sidecar(tmp_path).transcribe(asked)) == [CaptionCue(1000, 2000, "Hello")]


@pytest.mark.parametrize("field", ["name", "reference_id"])
@pytest.mark.parametrize("folder", ["", "4711"])
def test_no_customer_gets_the_file_of_another(tmp_path: Path, field: str, folder: str):
    """Titles and reference ids are what a customer writes."""
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "1_victim00.en.srt").write_text(SRT)
    thief = work(customer_id=4712, **{field: "1_victim00"})

    assert sidecar(tmp_path).waits_for(thief) != ""


def test_file_in_the_wanted_language_goes_first_and_no_other_is_taken(tmp_path: Path):
    (tmp_path / "1_abcdefgh.srt").write_text(SRT)
    (tmp_path / "1_abcdefgh.de.srt").write_text(SRT.replace("Hello", "Hallo"))
    translation = work(target_language="German")
    into_french = work(target_language="French")

    assert [c.text for c in sidecar(tmp_path).transcribe(translation)] == ["Hallo"]
    assert [c.text for c in sidecar(tmp_path).transcribe(work())] == ["Hello"]
    assert sidecar(tmp_path).waits_for(into_french) == (
        "no subtitle file 1_abcdefgh.fr.vtt in the folder yet"
    )


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "..", "a/b", ""])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str):
    (tmp_path / "secret.srt").write_text(SRT)
    folder = tmp_path / "in"
    folder.mkdir()

    assert sidecar(folder).waits_for(work(name=name, reference_id=name))


def test_what_is_no_subtitle_file_is_refused_in_words(tmp_path: Path):
    (tmp_path / "1_abcdefgh.srt").write_text("Dear all,\nplease find attached")
    with pytest.raises(
        EngineFailed, match=r"holds no subtitles\. This line belongs to no subtitle"
    ):
        list(sidecar(tmp_path).transcribe(work()))


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("sidecar", {}, "needs a folder"),
        ("sidecar", {"folder": "/nowhere"}, "There is no folder /nowhere"),
        ("local", {}, "needs the package faster-whisper, which is not installed"),
        ("magic", {}, "There is no engine “magic”. There are: local, sidecar"),
        ("nowhere:Engine", {}, "cannot be loaded"),
        ("json:dumps", {}, "is no engine for captions"),
    ],
)
def test_engine_that_cannot_work_here_says_why(name, options, why, monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(EngineUnavailable, match=why):
        engine_named(name, options)


def test_engines_are_found_by_their_path():
    path = "tests.kaltura_bridge.support.vendoring:EchoEngine"

    assert engine_named(path, {"a": "b"}).options == {"a": "b"}
    assert known_engines() == ["local", "sidecar"]


def test_recogniser_is_given_what_is_on_this_machine_only(tmp_path: Path, monkeypatch):
    """With a package of the same shape: nothing is fetched, cues come out clean."""
    asked: list[tuple[object, ...]] = []

    class WhisperModel:
        def __init__(self, folder, **how):
            asked.append((folder, how["device"], how["local_files_only"]))

        def transcribe(self, path, **how):
            asked.append((path, how["language"]))
            rows = [(0.0, 1.5, " Hello <b>you</b>"), (1.5, 2.0, "  ")]
            return [types.SimpleNamespace(start=s, end=e, text=t) for s, e, t in rows], None

    monkeypatch.setitem(
        sys.modules, "faster_whisper", types.SimpleNamespace(WhisperModel=WhisperModel)
    )
    engine = engine_named("local", {"model": str(tmp_path)})
    media = tmp_path / "a.mp3"

    assert list(engine.transcribe(work(media=media))) == [CaptionCue(0, 1500, "Hello you")]
    assert asked == [(str(tmp_path), "cpu", True), (str(media), "en")]
    with pytest.raises(EngineUnavailable, match="needs a model on this machine"):
        engine_named("local", {})


@pytest.mark.parametrize(
    ("name", "code"),
    [("English", "en"), ("German", "de"), ("English (American)", "en"), ("Klingon", ""), ("", "")],
)
def test_languages_have_codes(name, code):
    assert language_code(name) == code
