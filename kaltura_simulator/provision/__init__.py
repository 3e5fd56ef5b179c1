"""The accounts that a simulator starts with, and what is in them."""
