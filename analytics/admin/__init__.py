"""Attendance in the admin: reports for analysts, raw rows for the person on call."""

from analytics.admin import erasure, pages, raw

__all__ = ["erasure", "pages", "raw"]
