"""Attendance as files: asked for, planned, by presets of columns; and who took which."""
