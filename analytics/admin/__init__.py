"""Attendance in the admin: reports for analysts, raw rows for the person on call."""

from analytics.admin import desk, erasure, pages, raw

__all__ = ["desk", "erasure", "pages", "raw"]
