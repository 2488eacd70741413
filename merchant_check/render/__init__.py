"""Renderers: each takes a Report and returns text; none prints, compares or asks about the terminal."""
