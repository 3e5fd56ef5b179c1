"""Change pages that two people may have open: what both did is merged, or asked about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import router, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from events.admin.editing.drawn import Values, drawn
from events.admin.editing.merge import KeptEdit, Merge
from events.admin.editing.merging import MergedForm, MergedFormSet
from events.admin.editing.presence import OpenForms, here_answer
from events.admin.editing.seen import FIELD, SeenForm, read_seen
from events.admin.editing.who import Changers, changers_since
from events.admin.generics import ModelAdmin

_SHOWN_CHARS: Final = 80
_FORMSET_OWN: Final = frozenset({"DELETE", "ORDER"})


class MergesEdits(ModelAdmin):
    """What somebody saves is compared with what they saw, and with what is there by then."""

    #: Whether open forms say who else has them open; their page has an address for it.
    tells_who_is_here = False

    def get_urls(self) -> list[URLPattern]:
        urls = super().get_urls()
        if not self.tells_who_is_here:
            return urls
        view = self.admin_site.admin_view(self.here_view)
        return [path("<int:pk>/here/", view, name=self._here_name), *urls]

    @property
    def _here_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_here"

    def here_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A script of an open form says so, and is told who else is here and who has saved."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        thing = self.get_object(request, str(pk))
        if thing is None:
            raise Http404("There is no such page.")
        if not self.has_change_permission(request, thing):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return here_answer(request, self._open_forms(thing))

    def _open_forms(self, thing: Any) -> OpenForms:
        return OpenForms(self.opts.label_lower, thing.pk)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is None or request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic(using=router.db_for_write(self.model)):
            merge = request.merge = self._merge_of(request, object_id)  # type: ignore[attr-defined]
            is_there = self._lock(object_id)
            if not is_there and merge.seen and merge.seen.is_known:
                return self._gone_page(request, object_id, merge.seen)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _merge_of(self, request: HttpRequest, object_id: str) -> Merge:
        """Without what its author saw, as from a script, a form is saved as it comes."""
        text = request.POST.get(FIELD)
        seen = None if text is None else read_seen(text, *self._about(object_id))
        return Merge(seen, request.POST)

    def _about(self, object_id: object) -> tuple[object, ...]:
        return self.opts.label_lower, unquote(str(object_id))

    def _lock(self, object_id: str) -> bool:
        """Whether the row is there; then nobody else changes it before this form is saved."""
        try:
            pk = self.opts.pk.to_python(unquote(object_id))
        except ValidationError:
            return False
        rows = self.model._default_manager.select_for_update(no_key=True)
        try:
            return bool(list(rows.filter(pk=pk).values_list("pk")))
        except OverflowError:
            return False

    # --- The forms -----------------------------------------------------------

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        merge = getattr(request, "merge", None)
        if merge is None or obj is None:
            return form
        return type(form.__name__, (MergedForm, form), {"merging": merge})

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Iterator[Any]:
        merge = getattr(request, "merge", None)
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            if merge is None or not inline.has_change_permission(request, obj):
                yield formset, inline
                continue
            more = {"merging": merge, "kind": str(inline.verbose_name)}
            yield type(formset.__name__, (MergedFormSet, formset), more), inline

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        merge: Merge | None = getattr(request, "merge", None)
        if change and self.tells_who_is_here:
            self._open_forms(form.instance).note_saved(request.user)
        if merge and merge.kept:
            who = self._changers(request, form.instance.pk, merge)
            for text in kept_in_words(merge.kept, who):
                messages.info(request, text)

    # --- The page ------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        thing: Any = kwargs.get("obj")
        if thing is not None and self.has_change_permission(request, thing):
            merge: Merge | None = getattr(request, "merge", None)
            seen = merge.now if merge else _seen_of(context)
            context["seen_field"] = FIELD
            if self.tells_who_is_here:
                context["here_url"] = reverse(f"admin:{self._here_name}", args=[thing.pk])
                context["here"] = self._open_forms(thing).others(request.user)
                context["drawn_at"] = int(seen.drawn_at)
            context["seen"] = seen.signed(*self._about(thing.pk))
            if merge and (merge.questions or merge.kept):
                who = self._changers(request, thing.pk, merge)
                context["questions"] = [(who.of(q.field), q) for q in merge.questions]
                context["others"] = who.everybody
                context["kept_meanwhile"] = kept_in_words(merge.kept, who)
        return super().render_change_form(request, context, *args, **kwargs)

    def _changers(self, request: HttpRequest, pk: object, merge: Merge) -> Changers:
        seen = merge.seen
        since = seen.drawn_at if seen and seen.is_known else None
        return changers_since(self.model, pk, since, request.user)

    def _gone_page(self, request: HttpRequest, object_id: str, seen: SeenForm) -> HttpResponse:
        """Somebody deleted it meanwhile: what was typed is there to be copied."""
        pk = unquote(object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("This was deleted meanwhile"),
            "opts": self.opts,
            "who": changers_since(self.model, pk, seen.drawn_at, request.user).latest,
            "typed": list(self._typed(request, seen)),
        }
        return TemplateResponse(request, "admin/events/gone.html", context, status=409)

    def _typed(self, request: HttpRequest, seen: SeenForm) -> Iterator[tuple[str, str]]:
        """What stood in the form, by label; of times both inputs."""
        for key, values in request.POST.lists():
            name = key.rpartition("-")[2]
            is_own = name.startswith("_") or name.endswith("_FORMS")
            text = "\n".join(values).strip()
            if key != "csrfmiddlewaretoken" and not is_own and text and not text.isdecimal():
                yield self._label_of(key), text

    def _label_of(self, key: str) -> str:
        name = key
        for ending in ("_0", "_1"):
            name = name.removesuffix(ending)
        try:
            label: Any = getattr(self.opts.get_field(name), "verbose_name", name)
        except FieldDoesNotExist:
            label = name.replace("-", " ").replace("_", " ")
        return str(label)


def _seen_of(context: Any) -> SeenForm:
    """What the forms of a page show, before anybody has typed."""
    form = context["adminform"].form
    if form.is_bound:
        return SeenForm()
    seen = SeenForm(fields=drawn(form))
    for each in context["inline_admin_formsets"]:
        formset = each.formset
        seen.rows[formset.prefix] = {
            str(row.instance.pk): _drawn_row(formset, row) for row in formset.initial_forms
        }
        if formset.max_num == 1 and not formset.initial_forms:
            for row in formset.extra_forms:
                seen.blank[formset.prefix] = _drawn_row(formset, row)
    return seen


def _drawn_row(formset: Any, row: Any) -> Values:
    own = {*_FORMSET_OWN, formset.model._meta.pk.name, formset.fk.name}
    return {name: value for name, value in drawn(row).items() if name not in own}


def kept_in_words(kept: list[KeptEdit], who: Changers) -> list[str]:
    """What others changed and stays so, a sentence each."""
    return [_kept_sentence(each, who.of(each.field)) for each in kept]


def _kept_sentence(kept: KeptEdit, who: str) -> str:
    if kept.is_new:
        text = _("%(who)s added %(label)s meanwhile.")
    elif kept.value is None:
        text = _("%(who)s removed %(label)s meanwhile.")
    elif kept.value:
        text = _("%(who)s changed %(label)s to “%(value)s” meanwhile; that was kept.")
    else:
        text = _("%(who)s emptied %(label)s meanwhile; that was kept.")
    value = Truncator(kept.value or "").chars(_SHOWN_CHARS)
    return text % {"who": who, "label": kept.label, "value": value}
