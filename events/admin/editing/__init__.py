"""Forms that several people may have open: what each saw, what became of it, who else is here."""
