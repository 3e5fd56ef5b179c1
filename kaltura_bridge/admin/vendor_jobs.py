"""The vendor's journal in the admin: which jobs were taken, and how far they came."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from kaltura_bridge.admin.base import SuperuserAdmin
from kaltura_bridge.models import VendorJob


@admin.register(VendorJob)
class VendorJobAdmin(SuperuserAdmin):
    """For superusers: the jobs are other accounts' and belong to no event. No cue is shown."""

    list_display = ("task_id", "customer_id", "entry_id", "step", "engine", "problem", "taken_at")
    list_filter = ("step",)
    search_fields = ("=task_id", "=customer_id", "=entry_id")
    fields = (
        *("task_id", "customer_id", "entry_id", "key", "engine", "step", "problem"),
        *("attempts", "next_try_at", "lease_until", "transcript_id", "output_id"),
        *("taken_at", "finished_at"),
    )
    readonly_fields = fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Only where this installation is a vendor."""
        return bool(settings.REACH_VENDOR_PARTNER_ID) and super().has_module_permission(request)
