"""A long form in sections, each with an address of its own behind the "#".

An admin names its sections; fieldsets and inlines that it does not name, such as those of
other apps, become sections of their own. So whoever extends an admin adds fieldsets and
inlines as in any Django admin, and may say where they go:

    sections = (
        FormSection("when", _("When and where"), fieldsets=(_("When and where"), _("Places"))),
        FormSection("stage", _("On stage"), inlines=(AppearanceInline,)),
    )
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import flatten
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.admin.generics import ModelAdmin
from events.i18n.languages import Words


@dataclass(frozen=True)
class FormSection:
    """Which fieldsets, by heading, and which inlines stand together; None is the first."""

    slug: str
    label: Words
    fieldsets: tuple[Words | None, ...] = ()
    inlines: tuple[type[Any], ...] = ()


GENERAL = FormSection("general", gettext_lazy("General"), fieldsets=(None,))


@dataclass
class ShownSection:
    """A section with its parts; ``fieldsets`` with their number on the page."""

    slug: str
    label: str
    fieldsets: list[tuple[int, Any]] = field(default_factory=list)
    inlines: list[Any] = field(default_factory=list)
    errors: int = 0
    is_danger: bool = False

    @property
    def parts(self) -> list[Any]:
        return [*(fieldset for _n, fieldset in self.fieldsets), *self.inlines]

    @property
    def errors_in_words(self) -> str:
        return ngettext("%(n)d error", "%(n)d errors", self.errors) % {"n": self.errors}


class HasSections(ModelAdmin):
    """An admin whose form is shown in sections; without any it is Django's one page."""

    sections: Sequence[FormSection] = ()
    delete_note: Words = ""

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        thing = kwargs.get("obj")
        # What is new is filled in from top to bottom, on one page.
        if self.sections and thing is not None:
            shown = list(self._shown_sections(context))
            if self.has_delete_permission(request, thing):
                shown.append(ShownSection("danger", _("Delete"), is_danger=True))
                context["show_delete"] = False
            context["sections"] = shown
            context["sections_in_error"] = [each for each in shown if each.errors]
            context["delete_note"] = self.delete_note
        return super().render_change_form(request, context, *args, **kwargs)

    def _shown_sections(self, context: Any) -> Iterator[ShownSection]:
        """Those that are named, then what nobody has named, a section each."""
        fieldsets = list(enumerate(context["adminform"]))
        inlines = list(context["inline_admin_formsets"])
        found = [_named(section, fieldsets, inlines) for section in self.sections]
        taken = {id(part) for each in found for part in each.parts}
        found += [_of_fieldset(each) for each in fieldsets if id(each[1]) not in taken]
        found += [_of_inline(each) for each in inlines if id(each) not in taken]
        for section in found:
            if section.parts:
                section.errors = _errors_in(section, context["adminform"].form)
                yield section


def _named(
    section: FormSection, fieldsets: list[tuple[int, Any]], inlines: list[Any]
) -> ShownSection:
    names = {None if name is None else str(name) for name in section.fieldsets}
    return ShownSection(
        section.slug,
        str(section.label),
        [each for each in fieldsets if _heading(each[1]) in names],
        [each for each in inlines if isinstance(each.opts, section.inlines)],
    )


def _of_fieldset(numbered: tuple[int, Any]) -> ShownSection:
    number, fieldset = numbered
    label = str(fieldset.name or GENERAL.label)
    return ShownSection(slugify(label) or f"part-{number}", label, fieldsets=[numbered])


def _of_inline(inline: Any) -> ShownSection:
    label = capfirst(str(inline.opts.verbose_name_plural))
    return ShownSection(inline.formset.prefix, label, inlines=[inline])


def _heading(fieldset: Any) -> str | None:
    return None if fieldset.name is None else str(fieldset.name)


def _errors_in(section: ShownSection, form: Any) -> int:
    """How many mistakes are to be mended in it."""
    if not form.is_bound:
        return 0
    names = {name for _n, fieldset in section.fieldsets for name in flatten(fieldset.fields)}
    errors = [len(found) for name, found in form.errors.items() if name in names]
    return sum(errors + [inline.formset.total_error_count() for inline in section.inlines])
