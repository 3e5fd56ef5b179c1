"""REACH: captions, translations and the like, ordered by one account from another."""
