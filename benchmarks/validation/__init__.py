"""Simulated shops whose truth is known, and what merchant-check says of them."""
