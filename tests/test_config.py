"""The config as its user meets it: what a file may say, what it becomes, and how each mistake is answered."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from merchant_check.checks import CHECKS
from merchant_check.checks.check import Settings
from merchant_check.config import FIELDS, Config, check_settings, shop, tree
from merchant_check.config.file import MOST_BYTES, MOST_ERRORS, example, load_config, parse_config
from merchant_check.errors import UserError, UserErrors, clean
from merchant_check.facts import MINOR, Finance, Shop
from merchant_check.report import Threshold

SAMPLES = Path(__file__).parents[1] / "sample_data"


def mistakes(text: str) -> list[UserError]:
    with pytest.raises(UserErrors) as caught:
        parse_config(text, "shop.yaml")
    return caught.value.errors


def mistake(text: str) -> UserError:
    found = mistakes(text)
    assert len(found) == 1, found
    return found[0]


def lines(check: str, body: str) -> str:
    return f"checks:\n  {check}:\n    {body}\n"


# --- what a file becomes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "\ufeff", "---\n", "~", "{}", "merchant:\nchecks:\n", "checks: {}", "waivers:", "waivers: [~]"],
)
def test_a_file_that_sets_nothing_gives_the_defaults(text: str) -> None:
    config = parse_config(text, "shop.yaml")

    assert config == Config()
    assert shop(config) == Shop()
    assert check_settings(config) == {}
    assert (config.report.fail_on, config.report.max_rejected) == ("warning", 0.01)


def test_the_shop_that_the_checks_see() -> None:
    text = """\
merchant: {name: Lumen, currency: EUR, timezone: Europe/Berlin, opened: 2021-03-01, category: food, closed: [2024-03]}
finance:
  cash_balance: {amount: 250000.5, on: 2026-10-31}
  gross_margin: 0.42
  monthly_overhead: 12000
  monthly_marketing: 8000
  sales_tax_rate: 0.19
plan: {2026: 12000000, 2027-02: 900_000}
"""
    assert shop(parse_config(text, "shop.yaml")) == Shop(
        name="Lumen",
        currency="EUR",
        timezone="Europe/Berlin",
        opened=date(2021, 3, 1),
        category="consumables",
        closed=frozenset({2024 * 12 + 2}),
        finance=Finance(250_000 * MINOR + 5000, date(2026, 10, 31), 0.42, 12_000 * MINOR, 8_000 * MINOR, 0.19),
        plan_years={2026: 12_000_000 * MINOR},
        plan_months={2027 * 12 + 1: 900_000 * MINOR},
    )


def test_inputs_columns_and_report() -> None:
    text = """\
inputs: {orders: [a.csv, b-*.csv], cash: cash.csv}
columns: {orders: {customer_id: Buyer Email, rows: line-amounts, date_format: DD/MM/YYYY}, staffing: {start: Seit}}
report: {fail_on: never, max_rejected: 0}
"""
    config = parse_config(text, "shop.yaml")

    assert (config.inputs.orders, config.inputs.staffing, config.inputs.cash) == (
        ("a.csv", "b-*.csv"),
        (),
        ("cash.csv",),
    )
    assert config.columns.orders == {"customer_id": "Buyer Email", "rows": "line-amounts", "date_format": "DD/MM/YYYY"}
    assert config.columns.staffing == {"start": "Seit"}
    assert (config.report.fail_on, config.report.max_rejected) == ("never", 0)


def test_settings_of_checks_are_completed_with_the_defaults_of_the_category() -> None:
    text = """\
merchant: {category: furniture}
checks:
  repeat-share: {warning: 0.2, change: {critical: -0.1}}
  turnover: {enabled: false, reason: seasonal temps, critical: 0.6}
  runway:
"""
    settings = check_settings(parse_config(text, "shop.yaml"))

    assert list(settings) == ["turnover", "repeat-share", "runway"]
    assert settings["repeat-share"].lines == {
        "share": Threshold(0.2, 0.12, "higher"),
        "change": Threshold(-0.05, -0.1, "higher"),
    }
    assert (settings["turnover"].enabled, settings["turnover"].reason) == (False, "seasonal temps")
    assert settings["turnover"].lines == {"share": Threshold(0.3, 0.6, "lower")}
    assert (settings["runway"].enabled, settings["runway"].lines) == (True, {})


@pytest.mark.parametrize("story", ["steady", "over-hired", "ad-burn"])
def test_the_sample_shops_load(story: str) -> None:
    config = load_config(SAMPLES / story / "config.yaml")

    assert config.inputs.orders == ("orders.csv",)
    assert shop(config).plan_years


def test_bom_and_windows_line_ends() -> None:
    text = "\ufeffchecks:\r\n  growth-pace:\r\n    warning: 0.3\r\n"

    assert check_settings(parse_config(text, "shop.yaml"))["growth-pace"].lines["pace"] == Threshold(0.3, 0.5, "lower")


@pytest.mark.parametrize("key", ["'on'", '"on"', "on"])
def test_keys_are_read_as_written(key: str) -> None:
    text = f"finance: {{cash_balance: {{amount: -3, {key}: 2026-10-31}}}}"

    balance = parse_config(text, "shop.yaml").finance.cash_balance

    assert balance
    assert (balance.amount, balance.on) == (-3, date(2026, 10, 31))


# --- mistakes: keys --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chekcs: {}", "shop.yaml:1:1: unknown key 'chekcs'; did you mean 'checks'?"),
        (
            "checks:\n  growth-pace:\n    critical: 0.5\n    waring: 0.2",
            "shop.yaml:4:5: unknown key 'waring' in checks.growth-pace; did you mean 'warning'?",
        ),
        (
            "checks: {growth_pace: {}}",
            "shop.yaml:1:10: unknown key 'growth_pace' in checks; did you mean 'growth-pace'?",
        ),
        (
            "checks: {repeat-share: {chnge: {}}}",
            "shop.yaml:1:25: unknown key 'chnge' in checks.repeat-share; did you mean 'change'?",
        ),
        (
            "checks: {repeat-share: {wran: 1}}",
            "shop.yaml:1:25: unknown key 'wran' in checks.repeat-share; "
            "known keys are enabled, reason, warning, critical, change",
        ),
        ("report: {stale_days: 10}", "did you mean 'stale_after_days'?"),
        ("columns: {orders: {custmer_id: Email}}", "did you mean 'customer_id'?"),
        ("finance: {monthly_overhead: 12,000}", "unknown key '000' in finance; write numbers without commas"),
        ("plan: {26: 1}", "a key of plan must be a year such as 2026 or a month such as 2026-03, not '26'"),
        ("plan: {2026-13: 1}", "not '2026-13'"),
        ("merchant:\n  <<: {name: x}", "shop.yaml:2:3: unknown key '<<' in merchant"),
        ("finance: {cash_balance: {amount: 1}}", "finance.cash_balance lacks the key on; add on: 2026-10-31"),
    ],
)
def test_keys(text: str, message: str) -> None:
    assert message in str(mistake(text))


@pytest.mark.parametrize(
    "text",
    ["checks: {}\nmerchant: {}\nchecks: {}\n", "merchant:\n  name: a\n  name: b\n", "plan:\n  2026: 1\n  '2026': 2"],
)
def test_a_duplicate_key_is_refused_where_it_comes_again(text: str) -> None:
    error = mistake(text)

    assert error.code == "config-duplicate-key"
    assert error.where
    assert error.where.line == 3


# --- mistakes: values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("high", "write it like 0.45"),
        ("'0.4'", "write 0.4, without quotes"),
        ("1e-1", "write 0.1, since YAML reads 1e-1 as text"),
        ("0,4", "write 0.4, since YAML reads 0,4 as text"),
        ("45 %", "write 0.45, since YAML reads 45 % as text"),
        ("45", "write 0.45 for 45 %"),
        ("yes", "YAML reads yes as true"),
        ("1:30", "YAML reads 1:30 as the number 90"),
        ("010", "YAML reads 010 as the number 8"),
        ("0x1F", "YAML reads 0x1F as the number 31"),
        ("2026-01-01", "YAML reads 2026-01-01 as a date"),
        (".nan", "write a finite number"),
        ("-.inf", "write a finite number"),
        ("", "remove the line to keep the default"),
        ("null", "remove the line to keep the default"),
        ("[0.4]", "write one value"),
        ("9" * 5000, "it has too many digits"),
        ("1:" * 3000 + "1", "it has too many digits"),
    ],
)
def test_a_number_that_is_none(value: str, remedy: str) -> None:
    error = mistake(lines("repeat-share", f"warning: {value}"))

    assert error.code == "config-value"
    assert str(error).startswith("shop.yaml:3:1")
    assert "checks.repeat-share.warning must be a share such as 0.45, not " in error.message
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("merchant: {name: NO}", "merchant.name must be text, not 'NO'; YAML reads NO as false: put it in quotes"),
        ("merchant: {name: on}", "YAML reads on as true: put it in quotes"),
        ("merchant: {name: 2026}", "YAML reads 2026 as a number: put it in quotes"),
        ("merchant: {name: 12:30}", "YAML reads 12:30 as the number 750: put it in quotes"),
        ("merchant: {name: 010}", "YAML reads 010 as the number 8: put it in quotes"),
        ("merchant: {name: 2026-01-01}", "YAML reads 2026-01-01 as a date: put it in quotes"),
        ("merchant: {name: ''}", "merchant.name must be text, not ''"),
        ("merchant: {name: [a]}", "not a list; write one value"),
        ("merchant: {name: {a: b}}", "not a block of keys; write one value"),
        ("merchant: {currency: NO}", "YAML reads NO as false: put it in quotes"),
        ("merchant: {currency: eur}", "must be a code of three capital letters, not 'eur'; did you mean 'EUR'?"),
        ("merchant: {currency: €}", "not '€'; write it like EUR"),
        ("merchant: {timezone: europe/berlin}", "did you mean 'Europe/Berlin'?"),
        ("merchant: {timezone: Berlin}", "did you mean 'Europe/Berlin'?"),
        ("merchant: {timezone: ../../etc/passwd}", "must be a time zone's name"),
        ("merchant: {timezone: Europe}", "must be a time zone's name"),
        ("merchant: {timezone: +01:00}", "write it like Europe/Berlin"),
        ("merchant: {opened: 31.10.2026}", "must be a day such as 2026-10-31, not '31.10.2026'; write it like"),
        ("merchant: {opened: '2026-10-31'}", "remove the quotes"),
        ("merchant: {opened: 2026-02-30}", "there is no such day"),
        ("merchant: {opened: 2026-10-31 10:00:00}", "write the day alone: 2026-10-31"),
        ("merchant: {opened: 0021-03-01}", "must be a day"),
        ("merchant: {opened: 2021}", "must be a day"),
        ("merchant: {category: fasion}", "did you mean 'fashion'?"),
        ("merchant: {closed: [2024-13]}", "must be a month such as 2026-03, not '2024-13'"),
        ("merchant: {closed: 2024-03-01}", "must be a month such as 2026-03, not '2024-03-01'"),
        ("inputs: {orders: [a.csv, 3]}", "shop.yaml:1:26: inputs.orders must be a path"),
        ("inputs: {cash: ''}", "inputs.cash must be a path"),
        ("columns: {orders: {amount: 2024}}", "YAML reads 2024 as a number: put it in quotes"),
        ("columns: {orders: {rows: lines}}", "must be one of one-per-order, total-repeated, line-amounts"),
        ("columns: {orders: {date_format: '%d'}}", "write it like DD/MM/YYYY"),
        ("finance: {gross_margin: 1.01}", "must be a share from 0 to 1"),
        ("finance: {gross_margin: -0.01}", "must be a share from 0 to 1"),
        ("finance: {sales_tax_rate: 19}", "write 0.19 for 19 %"),
        ("finance: {monthly_overhead: -1}", "must be an amount of money, 0 or more"),
        ("finance: {monthly_marketing: '12,000'}", "write 12000, without quotes"),
        ("finance: {cash_balance: {amount: 1e3, on: 2026-10-31}}", "write 1000, since YAML reads 1e3 as text"),
        ("plan: {2026: -1}", "plan.2026 must be an amount of money, 0 or more"),
        ("checks: {turnover: {enabled: 0}}", "checks.turnover.enabled must be true or false, not '0'"),
        ("checks: {turnover: {reason: yes}}", "YAML reads yes as true: put it in quotes"),
        ("checks: {inventory: {growth: {}}}", "unknown key 'growth' in checks.inventory"),
        ("checks: {inventory: {shortage: {warning: -20}}}", "write -0.2 for -20 %"),
        ("report: {fail_on: Critical}", "did you mean 'critical'?"),
        ("report: {max_rejected: 5}", "write 0.05 for 5 %"),
        ("checks: [1, 2]", "checks must be a block of keys (a YAML mapping), not a list"),
        ("plan: 3", "plan must be a block of keys (a YAML mapping), not a single value"),
        ("- a\n- b", "the config must be a block of keys (a YAML mapping), not a list"),
        ("order_id,amount\n1,2\n", "the config must be a block of keys (a YAML mapping), not a single value"),
    ],
)
def test_values(text: str, message: str) -> None:
    assert message in str(mistake(text))


@pytest.mark.parametrize(
    "text", ["finance: {gross_margin: 0}", "finance: {gross_margin: 1}", "report: {max_rejected: 1}"]
)
def test_bounds_are_within(text: str) -> None:
    parse_config(text, "shop.yaml")


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = """\
merchant:
  currency: eur
  nmae: Lumen
checks:
  growth-pace: {warning: 0.6}
  growth-pace: {warning: 0.1}
  repeat-share:
    warning: yes
finance: {gross_margin: 42}
"""
    assert [(error.where and (error.where.line, error.where.column), error.code) for error in mistakes(text)] == [
        ((2, 13), "config-value"),
        ((3, 3), "config-unknown-key"),
        ((5, 26), "config-lines"),
        ((6, 3), "config-duplicate-key"),
        ((8, 14), "config-value"),
        ((9, 25), "config-value"),
    ]


def test_very_many_mistakes_are_cut() -> None:
    found = mistakes("\n".join(f"key{number}: 1" for number in range(MOST_ERRORS + 7)))

    assert len(found) == MOST_ERRORS + 1
    assert str(found[-1]) == "shop.yaml: has 7 more mistakes; mend these first"


# --- mistakes: lines -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            lines("growth-pace", "warning: 0.5\n    critical: 0.25"),
            "shop.yaml:3:14: checks.growth-pace: the warning line 0.5 lies beyond the critical line 0.25, so that it "
            "would never warn; set warning to 0.25 or less, or critical to 0.5 or more",
        ),
        (
            lines("repeat-share", "warning: 0.2"),
            "shop.yaml:3:14: checks.repeat-share: the warning line 0.2 lies beyond the critical line 0.3 (the default "
            "for general shops), so that it would never warn; set warning to 0.3 or more, or critical to 0.2 or less",
        ),
        (
            lines("growth-pace", "critical: 0.2"),
            "the warning line 0.25 (the default) lies beyond the critical line 0.2,",
        ),
        (lines("inventory", "days: {warning: 200}"), "checks.inventory.days: the warning line 200 lies beyond"),
        (
            "merchant: {category: fashion}\n" + lines("repeat-share", "critical: 0.41"),
            "(the default for fashion shops)",
        ),
    ],
)
def test_a_warning_line_beyond_the_critical_line(text: str, message: str) -> None:
    error = mistake(text)

    assert error.code == "config-lines"
    assert message in str(error)


@pytest.mark.parametrize(
    "text",
    [
        lines("repeat-share", "warning: 0.99\n    critical: 0.98"),
        lines("repeat-share", "warning: 0.3"),
        lines("growth-pace", "warning: 0.5\n    critical: 0.5"),
        lines("turnover", "warning: 0.9"),
        "merchant: {category: durables}\n" + lines("repeat-share", "warning: 0.2"),
    ],
)
def test_lawful_lines(text: str) -> None:
    parse_config(text, "shop.yaml")


def test_lines_are_not_compared_where_one_of_them_or_the_category_is_mistaken() -> None:
    assert mistake(lines("repeat-share", "warning: 0.2\n    critical: x")).code == "config-value"
    assert mistake("merchant: {category: x}\n" + lines("repeat-share", "warning: 0.2")).code == "config-value"


# --- mistakes: YAML --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("checks:\n\tgrowth-pace: {}\n", "shop.yaml:2:1: is not valid YAML: .*indent with spaces, not tabs"),
        ("checks: {\n", "is not valid YAML"),
        ("merchant:\n  name: 'Lumen\n", "shop.yaml:2:9: is not valid YAML: .*quot"),
        ("merchant:\n  name: a: b\n", "shop.yaml:2:10: is not valid YAML: .*holds ': ' in quotes"),
        ("merchant:\n  name: @home\n", "shop.yaml:2:9: is not valid YAML: .*put the value in quotes"),
        ("a0: &a0 [x]\na1: [*a0, *a0]\n", "shop.yaml:1:5: a0 uses the YAML anchor or alias 'a0'"),
        ("a: *b", "a uses the YAML anchor or alias 'b'"),
        ("a: !!python/object/apply:os.system ['true']", "a has the YAML tag '!!python/object/apply:os.system'"),
        ("a: !!str 1", "a has the YAML tag '!!str'"),
        ("[" * 5000 + "]" * 5000, "is nested more than 20 levels deep"),
        ("checks: {}\n---\nchecks: {}\n", "shop.yaml:2:1: a second document begins here"),
        ("? [a]\n: 1", "has a key that is no word"),
        ("merchant:\n  name: a\x07b", r"shop.yaml:2:10: holds a control character, '\\x07'"),
        ("a: 1\n" * 5000, "holds more than 2000 values"),
    ],
)
def test_yaml(text: str, message: str, loader: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_Loader", loader)

    error = mistake(text)

    assert error.code == "config-syntax"
    assert re.search(message, str(error))


def test_values_are_echoed_short_and_clean() -> None:
    error = mistake(f'merchant: {{currency: "\\e[31m\\u202E{"x" * 99}"}}')

    assert r"not '\x1b[31m\u202exxxxx" in error.message
    assert "x" * 40 not in error.message
    assert str(error).isprintable()


# --- mistakes: the file ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"merchant: {}\nname: caf\xe9", "shop.yaml:2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("merchant: {}".encode("utf-16"), "is not UTF-8"),
        (b" " * (MOST_BYTES + 1), "is larger than 1 MiB"),
    ],
)
def test_bytes_that_are_no_config(data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_bytes(data)

    with pytest.raises(UserErrors, match=message):
        load_config(tmp_path / "shop.yaml")


@pytest.mark.parametrize(
    ("name", "message"), [("none.yaml", "No such file"), ("", "directory"), ("x" * 300, "too long")]
)
def test_a_file_that_cannot_be_read(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserErrors, match=f"cannot read the config: .*{message}"):
        load_config(tmp_path / name)


# --- the example file ------------------------------------------------------------------------------------------


def test_the_example_sets_nothing_but_defaults() -> None:
    config = parse_config(example(), "config.example.yaml")

    assert replace(config, checks={}) == Config()
    assert set(config.checks) == {check.id for check in CHECKS}
    assert all(settings == Settings() for settings in check_settings(config).values())


def test_the_example_names_every_key_and_its_examples_are_lawful() -> None:
    text = re.sub(r"^( *)#(?=[\w-]+:)", r"\1", example(), flags=re.MULTILINE)

    config = parse_config(text, "config.example.yaml")

    for section in (config.merchant, config.inputs, config.columns, config.finance, config):
        for field in fields(section):
            assert getattr(section, field.name), field.name
    for check in CHECKS:
        assert set(config.checks[check.id].lines) == {
            part.id for part in check.parts if part.threshold("general").warning is not None
        }
        assert check.document.question in " ".join(line.strip(" #") for line in text.splitlines())
    assert all(len(line) <= 120 for line in text.splitlines())


# --- the house -------------------------------------------------------------------------------------------------


def test_the_fields_of_columns_are_those_the_reader_knows() -> None:
    formats = yaml.safe_load((Path(tree.__file__).parents[1] / "read" / "formats.yaml").read_text("utf-8"))

    for role, names in FIELDS.items():
        assert set(names.split()) == set(formats[role]["fields"])


def test_a_plain_run_pays_for_no_yaml() -> None:
    code = "import sys, merchant_check.config; print({'yaml', 'pydantic', 'polars'} & set(sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – ünïcode 日本", "plain – ünïcode 日本"),
        ("a\nb\x1b[0m\x7f", r"a\x0ab\x1b[0m\x7f"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udcff\U000e0001", r"\udcff\U000e0001"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 37 + "..."),
        ("ann@example.com, bob", "(an e-mail address), bob"),
    ],
)
def test_clean(text: str, shown: str) -> None:
    assert clean(text) == shown
