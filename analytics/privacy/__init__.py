"""What may be shown and kept about people who attended, decided in one place."""
