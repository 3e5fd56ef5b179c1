"""Demo data: two real conferences moved to now, people, and a made-up event of any size."""
