"""Pages in the language of their readers: which one it is, and how it writes dates."""
