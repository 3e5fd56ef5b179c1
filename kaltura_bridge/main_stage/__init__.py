"""The main stage of a track: one page that carries its viewers from session to session."""
