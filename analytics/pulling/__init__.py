"""One pull: which sessions are due, what each source is asked, and what is noted of it."""
