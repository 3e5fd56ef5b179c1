"""How sessions are delivered: what event and session set, checked and merged."""
