"""Rows become facts; polars ends here."""
