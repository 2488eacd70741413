"""The two JSON Schemas: lawful, true to the configs and reports there are, and false where those would be wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from merchant_check.config.file import example, parse_config
from merchant_check.config.schema import config_schema
from merchant_check.errors import UserErrors
from merchant_check.render.schema import report_schema

from .cli import conftest
from .cli.running import SAMPLES, Call

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "config.example.yaml"
CONFIGS = [EXAMPLE, *sorted(ROOT.glob("tests/stories/*/config.yaml")), *sorted(ROOT.glob("sample_data/*/config.yaml"))]
STORIES = sorted(path.parent for path in ROOT.glob("tests/stories/*/orders.csv"))
DEMOS = ["steady", "over-hired", "ad-burn"]
CONFIG = Draft202012Validator(config_schema())
REPORT = Draft202012Validator(report_schema())
WHOLE, REFUSAL = report_schema()["anyOf"]

Json = dict[str, Any]

call = conftest.call  # the fixture of the command-line tests


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2's core, as editors read it: days are texts, and only true and false are neither text nor number."""


EditorLoader.yaml_implicit_resolvers = {
    sign: [
        (tag, re.compile("true|false|True|False") if tag.endswith(":bool") else form)
        for tag, form in resolvers
        if not tag.endswith(":timestamp")
    ]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def as_json(text: str) -> Any:
    """What an editor holds against the schema: all keys are texts."""

    def keyed(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): keyed(item) for key, item in value.items()}
        return [keyed(item) for item in value] if isinstance(value, list) else value

    return keyed(yaml.load(text, EditorLoader))


@pytest.mark.parametrize("of", ["config", "report"])
def test_the_command_prints_a_valid_schema(call: Call, of: str) -> None:
    ran = call("schema", of)

    assert (ran.code, ran.err) == (0, "")
    Draft202012Validator.check_schema(ran.json)
    assert ran.json == (config_schema() if of == "config" else report_schema())


def test_without_a_word_it_is_the_configs(call: Call) -> None:
    assert call("schema").json == config_schema()
    assert call("schema", "orders").code == 3


# ---- the config


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: str(path.relative_to(ROOT)))
def test_configs_are_lawful(path: Path) -> None:
    CONFIG.validate(as_json(path.read_text("utf-8")))


def test_the_example_with_every_key_is_lawful_and_the_schema_knows_no_other() -> None:
    text = re.sub(r"^( *)#(?=[\w-]+:)", r"\1", example(), flags=re.MULTILINE)
    written = as_json(text)

    CONFIG.validate(written)
    assert set(keys_of(config_schema())) == set(paths(written)) - {"plan.2026"}


def keys_of(schema: Json, at: str = "") -> Iterator[str]:
    """The path of every key that a config schema knows; those of a list's items are not keys of the file."""
    for name, inner in schema.get("properties", {}).items():
        yield f"{at}{name}"
        yield from keys_of(inner, f"{at}{name}.")


def paths(value: object, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{at}{name}"
            yield from paths(inner, f"{at}{name}.")


def test_every_key_is_described_and_its_default_and_examples_are_lawful() -> None:
    def walk(schema: Json) -> Iterator[Json]:
        for inner in schema.get("properties", {}).values():
            yield inner
            yield from walk(inner)

    found = list(walk(config_schema()))
    assert len(found) > 150
    for each in found:
        assert each["description"]
        for value in [*each.get("examples", []), *([each["default"]] if "default" in each else [])]:
            Draft202012Validator(each).validate(value)


@pytest.mark.parametrize(
    "text",
    [
        "chekcs: {}",
        "merchant: {nmae: x}",
        "merchant: {name: ' '}",
        "merchant: {name: 3}",
        "merchant: {currency: eur}",
        "merchant: {category: fasion}",
        "merchant: {opened: 31.10.2026}",
        "merchant: {opened: 1815-06-18}",
        "merchant: {closed: [2024-13]}",
        "merchant: {closed: ['20２4-03']}",
        "inputs: {orders: [a.csv, 3]}",
        "inputs: {orders: }",
        "columns: {orders: {rows: lines}}",
        "columns: {cash: {delimiter: ab}}",
        'columns: {cash: {delimiter: "\\n"}}',
        "columns: {cash: {financing_match: ''}}",
        "finance: {gross_margin: 1.01}",
        "finance: {monthly_overhead: -1}",
        "finance: {cash_balance: {amount: 1}}",
        "plan: {26: 1}",
        "plan: {2026: many}",
        "plan: 3",
        "checks: [1, 2]",
        "checks: {growth_pace: {}}",
        "checks: {turnover: {enabled: 0}}",
        "checks: {growth-pace: {warning: 25}}",
        "checks: {growth-pace: {warning: '0.25'}}",
        "checks: {repeat-share: {change: {waring: 0}}}",
        "report: {fail_on: Critical}",
        "report: {max_rejected: 5}",
        "waivers: [{check: runway, until: 2027-01-31}]",
    ],
)
def test_what_the_reader_refuses_the_schema_does_too(text: str) -> None:
    assert not CONFIG.is_valid(as_json(text))
    with pytest.raises(UserErrors):
        parse_config(text, "shop.yaml")


@pytest.mark.parametrize(
    "text", ["", "{}", "merchant:\n", "checks: {runway: }", "merchant: {closed: 2024-03}", "waivers:"]
)
def test_what_may_be_left_out(text: str) -> None:
    CONFIG.validate(as_json(text))
    parse_config(text, "shop.yaml")


# ---- the report


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_reports_of_stories(call: Call, story: Path) -> None:
    config = ["-c", story / "config.yaml"] if (story / "config.yaml").exists() else []
    assert_described(call("report", *sorted(story.glob("*.csv")), *config, "--format", "json").json)


@pytest.mark.parametrize("story", DEMOS)
def test_reports_of_demos(call: Call, story: str) -> None:
    assert_described(call("demo", story, "--format", "json").json)


def test_a_report_with_rejected_rows_a_waiver_and_a_check_left_out(call: Call, tmp_path: Path) -> None:
    orders = (SAMPLES / "ad-burn" / "orders.csv").read_text("utf-8").splitlines(keepends=True)
    orders[30] = orders[30].replace("-", "?", 1)
    (tmp_path / "orders.csv").write_text("".join(orders), "utf-8")
    (tmp_path / "shop.yaml").write_text(
        "waivers: {check: repeat-share, until: 2099-01-31, reason: known}\nreport: {stale_after_days: 0}\n"
    )
    found = call(
        "report", tmp_path / "orders.csv", "-c", tmp_path / "shop.yaml", "--skip", "second-order", "--format", "json"
    ).json

    assert_described(found)
    assert found["inputs"][0]["rejected"]


def test_a_report_with_a_history(call: Call, tmp_path: Path) -> None:
    files = [SAMPLES / "ad-burn" / f"{role}.csv" for role in ("orders", "staffing", "cash")]
    first, second = (
        call("report", *files, "--as-of", day, "--history", tmp_path / "past.db", "--format", "json").json
        for day in ("2025-10-31", "2026-09-30")
    )

    assert_described(first)
    assert_described(second)
    assert (first["since"], second["since"]["as_of"]) == (None, "2025-10-31")
    assert second["changes"]
    assert second["moved_most"]


@pytest.mark.parametrize("arguments", [["nowhere.csv"], [], ["--orders", ""]], ids=str)
def test_refusals(call: Call, arguments: list[str]) -> None:
    refusal = call("report", *arguments, "--format", "json").json

    assert_described(refusal, REFUSAL)
    del refusal["error"]
    assert not REPORT.is_valid(refusal)


def test_a_wrong_report_is_none(call: Call) -> None:
    lawful = call("demo", "--format", "json").json

    for change in ({"status": "good"}, {"grade": None}, {"exit_code": 4}, {"inputs": None}, {"schema_version": 2}):
        assert not REPORT.is_valid({**lawful, **change})
    assert REPORT.is_valid({**lawful, "later": 1})
    assert not REPORT.is_valid({key: value for key, value in lawful.items() if key != "verdict"})


def assert_described(document: Json, kind: Json = WHOLE) -> None:
    """The document is lawful, and the schema has a word for every key in it."""
    assert [f"{error.json_path}: {error.message}" for error in Draft202012Validator(kind).iter_errors(document)] == []
    assert REPORT.is_valid(document)
    assert sorted(set(unknown(document, kind))) == []


def unknown(value: object, schema: Json, at: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from unknown(item, schema["items"], f"{at}[]")
    elif isinstance(value, dict) and "additionalProperties" not in schema:  # else its keys are names, such as headers
        for name, item in value.items():
            if name in schema["properties"]:
                yield from unknown(item, schema["properties"][name], f"{at}.{name}")
            else:
                yield f"{at}.{name}"


def test_every_key_of_the_report_is_described() -> None:
    def walk(schema: Json) -> Iterator[Json]:
        for inner in [*schema.get("anyOf", []), *schema.get("properties", {}).values(), schema.get("items")]:
            if inner:
                yield inner
                yield from walk(inner)

    assert all(each["description"].strip() for each in walk(report_schema()))
