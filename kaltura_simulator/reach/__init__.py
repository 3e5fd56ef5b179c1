"""REACH: captions, translations and the like, which one account orders from another."""
