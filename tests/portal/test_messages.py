"""Every text can be translated, and every catalogue is in step with the sources."""

from __future__ import annotations

import gettext
import io

import pytest

from tests import messages, unwrapped
from tests.messages import COMPLETE, PLURALS, ROOT, Message

# Files that still speak English only; this list may only become shorter.
PENDING: frozenset[str] = frozenset()


def named(path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_text_of_a_template_can_be_translated():
    found = {
        named(path): unwrapped.in_template(path.read_text("utf-8"))
        for path in unwrapped.templates()
    }
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_every_text_of_a_module_can_be_translated():
    found = {
        named(path): unwrapped.in_python(path.read_text("utf-8")) for path in unwrapped.sources()
    }
    assert {name: texts for name, texts in found.items() if texts and name not in PENDING} == {}


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('<p>{% translate "Hello" %}</p>', []),
        ("<p>{{ name }} · 5</p>", []),
        ("<p>Hello {{ name }}</p>", ["Hello"]),
        ("<p>{% blocktranslate %}Hello{% endblocktranslate %}</p>", []),
        ('<a aria-label="Next">{% icon "next" %}</a>', ["Next"]),
        ('<a aria-label="{% translate "Next" %}">›</a>', []),
        ('<input type="submit" value="Go there">', ["Go there"]),
        ('<input type="hidden" value="Go there">', []),
        ("<code>manage.py migrate</code>", []),
        ("{# Only for whoever edits this. #}", []),
    ],
)
def test_texts_of_templates_are_found(template, found):
    assert unwrapped.in_template(template) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('messages.success(request, "Saved it.")', ["Saved it."]),
        ('messages.success(request, _("Saved it."))', []),
        ('raise ValidationError(f"{n} too many.")', [" too many."]),
        ('raise ValidationError(_("%(n)d too many.") % {"n": n})', []),
        ('forms.CharField(label="Name", help_text=_("As others see it."))', ["Name"]),
        ('class A(models.TextChoices):\n    B = "b", "Beta"', ["Beta"]),
        ('class A(models.TextChoices):\n    B = "b", _("Beta")', []),
        ('@admin.action(description="Publish")\ndef publish(): ...', ["Publish"]),
        ('class A:\n    short_description = "talk"', ["talk"]),
        ('logger.info("Nothing for people.")', []),
    ],
)
def test_texts_of_modules_are_found(source, found):
    assert unwrapped.in_python(source) == found


@pytest.mark.parametrize("code", PLURALS)
def test_catalogues_hold_what_the_sources_say(code):
    """Otherwise: `make messages`."""
    known = {each.key for each in messages.read(messages.catalogue(code))[1:]}
    wanted = unwrapped.wrapped_texts()
    assert {"missing": sorted(wanted - known), "left over": sorted(known - wanted)} == {
        "missing": [],
        "left over": [],
    }


@pytest.mark.parametrize("code", PLURALS)
def test_translations_keep_placeholders_and_tags(code):
    found = messages.read(messages.catalogue(code))[1:]
    assert [problem for each in found for problem in each.problems()] == []
    assert [each.text for each in found if each.is_fuzzy] == []


@pytest.mark.parametrize("code", PLURALS)
def test_no_translation_ends_the_attribute_in_which_it_stands(code):
    """Django escapes no translation: one with a straight quote belongs into an element."""
    inside = unwrapped.texts_in_attributes()
    found = messages.read(messages.catalogue(code))[1:]
    quoted = [each.text for each in found if any('"' in text for text in each.translations)]
    assert len(inside) > 50
    assert [text for text in quoted if text in inside] == []


@pytest.mark.parametrize("code", PLURALS)
def test_compiled_catalogues_are_in_step(code):
    """Otherwise: `make messages`."""
    path = messages.catalogue(code)
    assert path.with_suffix(".mo").read_bytes() == messages.compiled(messages.read(path))


def test_nothing_is_left_to_translate():
    left = {
        code: [m.text for m in messages.read(messages.catalogue(code))[1:] if not m.is_translated]
        for code in COMPLETE
    }
    assert {code: texts for code, texts in left.items() if texts} == {}


def test_names_of_models_are_known():
    """Otherwise: `make messages`."""
    assert messages.NAMES.read_text("utf-8") == messages.model_names()


def test_compiled_files_are_read_by_python():
    header = Message(
        translations=[
            "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
        ]
    )
    catalogue = gettext.GNUTranslations(
        io.BytesIO(
            messages.compiled(
                [
                    header,
                    Message("Join", translations=["Beitreten"]),
                    Message("%(n)d day", "%(n)d days", translations=["%(n)d Tag", "%(n)d Tage"]),
                    Message("Room", translations=[""]),
                    Message("Track", translations=["Spur"], is_fuzzy=True),
                ]
            )
        )
    )
    assert [catalogue.gettext(text) for text in ("Join", "Room", "Track")] == [
        "Beitreten",
        "Room",
        "Track",
    ]
    assert [catalogue.ngettext("%(n)d day", "%(n)d days", n) % {"n": n} for n in (1, 2)] == [
        "1 Tag",
        "2 Tage",
    ]


@pytest.mark.parametrize(
    ("message", "is_sound"),
    [
        (Message("Join %(title)s", translations=["%(title)s beitreten"]), True),
        (Message("Join %(title)s", translations=["Beitreten"]), False),
        (Message("Join", translations=["%(title)s beitreten"]), False),
        (Message("In {} min", translations=["In {} Min."]), True),
        (Message("In {} min", translations=["Bald"]), False),
        (Message("<b>Now</b>", translations=["Jetzt"]), False),
        (Message("%(n)d day", "%(n)d days", translations=["Ein Tag", "%(n)d Tage"]), True),
    ],
)
def test_what_a_translation_loses_is_noticed(message, is_sound):
    assert list(message.problems()) is not is_sound
