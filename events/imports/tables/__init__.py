"""Tables as people keep them, CSV and XLSX, brought in by the machinery of schedules.

bytes ▸ ``files.read_table`` (sheets of values) ▸ ``columns`` (which column is what) ▸ a reader for
each kind of table, which judges every cell and says where it stands ▸ a plan, as for any schedule.
"""
