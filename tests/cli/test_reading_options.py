"""--encoding, --delimiter, --date-format, --max-rejected: the options that errors name do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import SAMPLES, Call

STEADY = SAMPLES / "steady"
HEADER = "order_id,ordered_at,amount\n"


def totals(call: Call, *arguments: str | Path) -> dict[str, object]:
    found: dict[str, object] = call("report", *arguments, "--format", "json").json["facts"]["totals"]
    return found


@pytest.mark.parametrize("told", ["MM/DD/YYYY", "orders=MM/DD/YYYY", "orders=mm/dd/yyyy"])
def test_date_format_settles_what_a_file_leaves_open(call: Call, tmp_path: Path, told: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"{HEADER}1,03/04/2025,5\n")
    refused = call("report", file)
    assert "pass --date-format orders=DD/MM/YYYY (or MM/DD/YYYY)" in refused.err
    assert totals(call, file, "--date-format", told)["first_day"] == "2025-03-04"


def test_an_unknown_date_format_lists_those_known(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"{HEADER}1,03/04/2025,5\n")
    error = call("report", file, "--date-format", "D/M/Y").err
    assert "knows no date format 'D/M/Y'" in error
    assert "DD/MM/YYYY" in error


def test_encoding_reads_what_does_not_prove_itself(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(f"{HEADER[:-1]},état\n1,2025-03-04,5,payé\n".encode("cp1252"))
    refused = call("report", file)
    assert refused.code == 3
    assert "--encoding cp1252" in refused.err
    assert totals(call, file, "--encoding", "cp1252")["orders"] == 1
    assert totals(call, file, "--encoding", "orders=latin-1")["orders"] == 1


@pytest.mark.parametrize("name", ["klingon", "hex", "rot13", "undefined"])
def test_no_such_encoding(call: Call, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}1,2025-03-04,5\n")
    ran = call("report", tmp_path / "a.csv", "--encoding", name)
    assert ran.code == 3
    assert "encoding" in ran.err


@pytest.mark.parametrize(("sign", "told"), [("~", "~"), ("~", "orders=~"), (" ", "space"), ("\t", "tab"), (";", ";")])
def test_delimiter_reads_any_separator(call: Call, tmp_path: Path, sign: str, told: str) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}1,2025-03-04,5\n".replace(",", sign))
    assert totals(call, tmp_path / "a.csv", "--delimiter", told)["orders"] == 1


def test_an_option_for_one_role_leaves_the_others_alone(call: Call, tmp_path: Path) -> None:
    orders = tmp_path / "a.csv"
    orders.write_text((STEADY / "orders.csv").read_text().replace(",", "~"))
    files = [STEADY / "staffing.csv", STEADY / "cash.csv"]
    whole = call("report", STEADY / "orders.csv", *files, "--format", "json").json["facts"]
    told = call("report", orders, *files, "--delimiter", "orders=~", "--format", "json").json["facts"]
    assert told == whole


@pytest.mark.parametrize("told", ["", "orders=", "double", "'"])
def test_a_delimiter_is_one_sign(call: Call, tmp_path: Path, told: str) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}1,2025-03-04,5\n")
    ran = call("report", tmp_path / "a.csv", "--delimiter", told)
    assert ran.code == 3
    assert ran.err.startswith("merchant-check: ")


def test_max_rejected_sets_aside_as_many_as_the_error_says(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(HEADER + "".join(f"{number},2025-03-04,5\n" for number in range(19)) + "20,soon,5\n")
    refused = call("report", file)
    assert "a.csv:21: unreadable date 'soon'; 1 of 20 rows can't be read" in refused.err
    assert "pass --max-rejected 0.05 to set such rows aside" in refused.err
    assert totals(call, file, "--max-rejected", "0.05")["orders"] == 19


@pytest.mark.parametrize("share", ["1.5", "-0.1", "few"])
def test_max_rejected_is_a_share(call: Call, tmp_path: Path, share: str) -> None:
    assert call("report", STEADY / "orders.csv", "--max-rejected", share).code == 3


def test_the_config_knows_the_same_settings(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("order_id~ordered_at~amount\n1~03/04/2025~1.234\n2~03/04/2025~2.500\n")
    (tmp_path / "c.yaml").write_text(
        "inputs: {orders: a.csv}\n"
        "columns: {orders: {delimiter: '~', date_format: MM/DD/YYYY, decimal_mark: comma, encoding: cp1252}}\n"
    )
    found = totals(call, "-c", tmp_path / "c.yaml")
    assert (found["first_day"], found["revenue"]) == ("2025-03-04", 3734)
