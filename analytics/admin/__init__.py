"""Attendance in the admin: reports for analysts, raw rows for the person on call."""

from analytics.admin import raw, reports

__all__ = ["raw", "reports"]
