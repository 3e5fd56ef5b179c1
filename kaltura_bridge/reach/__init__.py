"""The vendor's side of REACH: takes the orders of other accounts, and delivers captions."""
