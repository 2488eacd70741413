"""Prints a JSON Schema: of the config for editors, of the JSON report for scripts."""

from __future__ import annotations

from merchant_check import screen
from merchant_check.config.schema import config_schema
from merchant_check.render.json_v1 import document
from merchant_check.render.schema import report_schema

SCHEMAS = {"config": config_schema, "report": report_schema}


def schema(of: str) -> int:
    """Print the schema of the config or of the report; returns the exit code."""
    screen.show(document(SCHEMAS[of]()))
    return 0
