"""Grading, done once for all checks: lines, intervals, weak evidence, caps; a crash; the series behind a figure."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from merchant_check.checks import CHECKS
from merchant_check.checks.check import CannotTell, Check, Lines, NotGiven, Settings, attempt, run
from merchant_check.facts import Facts, Span, last_day
from merchant_check.report import Cap, Finding, Measurement, Part, PartSpec, Says, Status, Threshold, Window, worst

from .shops import (
    BY_ID,
    CRITICAL,
    OCTOBER,
    OK,
    SKIPPED,
    UNKNOWN,
    WARNING,
    among,
    judge,
    judge_facts,
    lately,
    near,
    shop,
    value,
)

LOWER, HIGHER = Threshold(0.25, 0.50, "lower"), Threshold(0.50, 0.25, "higher")


def graded(*parts: Part, lines: Threshold = LOWER, **more: Any) -> Finding:
    """The finding of a check that measured just this."""
    measured = Measurement(parts, Window(OCTOBER - 2, OCTOBER), "", **more)
    specs = tuple(PartSpec(part.id, part.id.title(), "share", lines) for part in parts)
    (finding,) = run([Check("sample", "team", BY_ID["growth-pace"].document, specs, lambda *_: measured)], shop(), {})
    return finding


def figure(value: float | None = None, **more: Any) -> Part:
    return Part("figure", value, **more)


def outcome(finding: Finding) -> tuple[Status, str]:
    return finding.status, finding.reason


# --- lines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "value", "status"),
    [
        (LOWER, 0.0, OK),
        (LOWER, 0.25, OK),
        (LOWER, 0.2501, WARNING),
        (LOWER, 0.50, WARNING),
        (LOWER, 0.5001, CRITICAL),
        (HIGHER, 1.0, OK),
        (HIGHER, 0.50, OK),
        (HIGHER, 0.4999, WARNING),
        (HIGHER, 0.25, WARNING),
        (HIGHER, 0.2499, CRITICAL),
        (Threshold(0.25, None, "lower"), 9.0, WARNING),
        (Threshold(None, None, "lower"), 9.0, OK),
        (Threshold(None, None, "higher"), -9.0, OK),
    ],
)
def test_exactly_at_a_line_is_still_good_and_a_missing_line_is_never_crossed(
    lines: Threshold, value: float, status: Status
) -> None:
    assert outcome(graded(figure(value), lines=lines)) == (status, "")


@pytest.mark.parametrize(("value", "line"), [(1.1 - 1, 0.1), (0.3 - 0.2 + 0.1, 0.2), (1 - 0.9, 0.1)])
def test_what_floats_add_to_a_round_number_does_not_cross_a_line(value: float, line: float) -> None:
    assert graded(figure(value), lines=Threshold(line, None, "lower")).status is OK
    assert graded(figure(-value), lines=Threshold(-line, None, "higher")).status is OK


def test_a_parts_own_threshold_replaces_the_configured_one() -> None:
    finding = graded(figure(0.3, threshold=Threshold(0.1, 0.2, "lower")))
    assert (finding.status, finding.parts[0].threshold) == (CRITICAL, Threshold(0.1, 0.2, "lower"))


# --- intervals -----------------------------------------------------------------------------------------------

REACHES = "too few cases to be sure: the true figure may still be good"


@pytest.mark.parametrize(
    ("low", "status", "reason"), [(0.26, CRITICAL, ""), (0.25, WARNING, REACHES), (0.1, WARNING, REACHES)]
)
def test_critical_needs_the_whole_interval_beyond_the_warning_line(low: float, status: Status, reason: str) -> None:
    assert outcome(graded(figure(0.6, low=low, high=0.9))) == (status, reason)
    mirrored = graded(figure(0.15, low=0.01, high=0.75 - low), lines=HIGHER)
    assert outcome(mirrored) == (status, reason)


def test_the_interval_is_handed_on() -> None:
    (part,) = graded(figure(0.3, low=0.2, high=0.4)).parts
    assert (part.value, part.low, part.high, part.unit, part.title) == (0.3, 0.2, 0.4, "share", "Figure")


def test_an_interval_only_softens() -> None:
    assert outcome(graded(figure(0.3, low=0.21, high=0.9))) == (WARNING, "")
    assert outcome(graded(figure(0.2, low=0.1, high=0.9))) == (OK, "")
    assert outcome(graded(figure(0.6, low=0.51, high=0.9))) == (CRITICAL, "")


@pytest.mark.parametrize(
    ("low", "high", "status"),
    [(-0.1, 1.0, OK), (0.0, 1.0, OK), (0.01, 1.0, WARNING), (0.26, 1.0, CRITICAL), (-1.0, 0.0, OK)],
)
def test_a_change_within_chance_is_ok(low: float, high: float, status: Status) -> None:
    finding = graded(figure(0.6, low=low, high=high, change=True))
    assert finding.status is status
    assert (finding.reason == "within chance: such a change can happen by itself") is (status is OK)


UNSURE = "too close to its line to tell from chance"


@pytest.mark.parametrize(
    ("low", "status", "reason"), [(0.21, WARNING, ""), (0.20, OK, UNSURE), (0.1, OK, UNSURE), (0.0, OK, UNSURE)]
)
def test_a_warning_needs_half_the_interval_beyond_the_line(low: float, status: Status, reason: str) -> None:
    assert outcome(graded(figure(0.3, low=low, high=0.9))) == (status, reason)
    assert outcome(graded(figure(0.45, low=0.01, high=0.75 - low), lines=HIGHER)) == (status, reason)


def test_a_figure_may_say_itself_why_it_is_unsure() -> None:
    assert outcome(graded(figure(0.3, low=0.1, high=0.9, unsure="a bound"))) == (OK, "a bound")


@pytest.mark.parametrize(
    ("value", "with_one", "status"), [(0.6, 0.55, CRITICAL), (0.6, 0.4, WARNING), (0.6, 0.25, OK), (0.3, 0.2, OK)]
)
def test_what_one_person_would_mend_is_no_finding(value: float, with_one: float, status: Status) -> None:
    finding = graded(figure(value, with_one_person=(figure(with_one),)))
    assert outcome(finding) == (status, "" if with_one == 0.55 else "a single person or location decides it")


# --- weak evidence -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "quality"), [("weak", "weak"), ("estimated", "estimated")])
def test_weak_and_estimated_evidence_warn_but_never_alarm(kind: str, quality: str) -> None:
    reason: dict[str, Any] = {kind: ("few of them",)}
    findings = [graded(figure(value), **reason) for value in (0.9, 0.3, 0.1)]
    assert [outcome(finding) for finding in findings] == [(WARNING, "few of them"), (WARNING, ""), (OK, "")]
    assert {(finding.quality, finding.weak_because) for finding in findings} == {(quality, ("few of them",))}


def test_notes_are_handed_on_and_weaken_nothing() -> None:
    finding = graded(figure(0.9), notes=("with tax",))
    assert (finding.status, finding.notes) == (CRITICAL, ("with tax",))


def test_full_evidence_says_so() -> None:
    assert (graded(figure(0.9)).quality, graded(figure(0.9)).weak_because) == ("full", ())


def test_estimates_come_first_and_every_reason_once() -> None:
    finding = graded(figure(0.9), weak=("small", "small"), estimated=("guessed",))
    assert (finding.quality, finding.weak_because, finding.estimated) == (
        "estimated",
        ("guessed", "small"),
        ("guessed",),
    )


def test_weak_evidence_softens_every_part() -> None:
    finding = graded(figure(0.1), Part("other", 0.9), weak=("small",))
    assert [part.status for part in finding.parts] == [OK, WARNING]


@pytest.mark.parametrize(
    ("value", "without", "status", "weak"),
    [
        (0.6, (0.4, 0.6), WARNING, True),  # critical only with the order in it
        (0.6, (0.6, 0.1), WARNING, True),
        (0.3, (0.2,), WARNING, True),
        (0.2, (0.3,), OK, True),
        (0.6, (0.51, 0.9), CRITICAL, False),
        (0.3, (0.26, 0.5), WARNING, False),
        (0.2, (0.25, 0.1), OK, False),
    ],
)
def test_one_large_order_that_decides_the_status_is_weak_evidence(
    value: float, without: tuple[float, ...], status: Status, weak: bool
) -> None:
    finding = graded(figure(value, without_largest=tuple(map(figure, without))))
    assert finding.status is status
    assert finding.weak_because == (("one large order decides it",) if weak else ())


def test_a_large_order_is_judged_by_the_parts_own_lines() -> None:
    lines = Threshold(0.7, None, "lower")
    assert graded(figure(0.6, threshold=lines, without_largest=(figure(0.4, threshold=lines),))).quality == "full"
    assert graded(figure(0.6, threshold=lines, without_largest=(figure(0.8, threshold=lines),))).quality == "weak"


def test_a_large_order_in_a_further_part_counts_too() -> None:
    assert graded(figure(0.9), Part("other", 0.3, without_largest=(Part("other", 0.1),))).status is WARNING


# --- caps and forced statuses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "cap", "expected"),
    [
        (0.9, WARNING, (WARNING, "young")),
        (0.3, WARNING, (WARNING, "")),
        (0.9, OK, (OK, "young")),
        (0.3, OK, (OK, "young")),
        (0.1, OK, (OK, "")),
    ],
)
def test_a_cap_is_the_worst_a_figure_may_count(value: float, cap: Status, expected: tuple[Status, str]) -> None:
    assert outcome(graded(figure(value, caps=(Cap(cap, "young"),)))) == expected


def test_the_strictest_of_several_caps_holds() -> None:
    caps = (Cap(WARNING, "young"), Cap(OK, "closed"), Cap(WARNING, "new"))
    assert outcome(graded(figure(0.9, caps=caps))) == (OK, "closed")


@pytest.mark.parametrize("status", [OK, WARNING, CRITICAL])
def test_a_forced_status_needs_no_figure(status: Status) -> None:
    finding = graded(figure(forced=status, missing="a loss has no multiple"))
    assert outcome(finding) == (status, "a loss has no multiple")


def test_even_a_forced_status_is_softened_by_weak_evidence() -> None:
    assert outcome(graded(figure(forced=CRITICAL, missing="a loss"), weak=("small",))) == (WARNING, "small")


# --- several parts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (0.1, 0.1, OK),
        (0.1, 0.3, WARNING),
        (0.9, 0.3, CRITICAL),
        (0.1, 0.9, CRITICAL),
        (0.1, None, OK),
        (0.3, None, WARNING),
        (None, 0.1, UNKNOWN),
        (None, 0.3, WARNING),
        (None, 0.9, CRITICAL),
        (None, None, UNKNOWN),
    ],
)
def test_the_worst_part_counts_but_an_unknown_first_figure_is_never_ok(
    first: float | None, second: float | None, status: Status
) -> None:
    finding = graded(figure(first), Part("other", second))
    assert finding.status is status
    assert finding.first is finding.parts[0]


def test_the_reason_is_that_of_the_part_that_decides() -> None:
    finding = graded(figure(missing="no figure here"), Part("other", 0.9), weak=("small",))
    assert outcome(finding) == (WARNING, "small")
    assert [part.reason for part in finding.parts] == ["no figure here", "small"]
    assert outcome(graded(figure(missing="no figure here"), Part("other", 0.1))) == (UNKNOWN, "no figure here")


@pytest.mark.parametrize(
    ("first", "second", "decides"),
    [(0.9, 0.9, "figure"), (0.1, 0.3, "other"), (0.3, 0.9, "other"), (None, 0.1, "figure"), (None, 0.3, "other")],
)
def test_the_first_of_the_worst_parts_decides_and_lends_its_words(
    first: float | None, second: float | None, decides: str
) -> None:
    words = Says("it runs ahead", "It matters.", "Do this.")
    parts = (PartSpec("figure", "Figure", "share", LOWER), PartSpec("other", "Other", "share", LOWER, words))
    measured = Measurement((figure(first), Part("other", second)), Window(OCTOBER - 2, OCTOBER), "")
    document = BY_ID["growth-pace"].document
    (finding,) = run([Check("sample", "team", document, parts, lambda *_: measured)], shop(), {})
    assert finding.deciding is not None
    assert finding.deciding.id == decides
    assert finding.says == (words if decides == "other" else Says(document.ahead, document.why, document.advice))


@pytest.mark.parametrize(
    "says",
    [pytest.param(part.says, id=f"{check.id} {part.id}") for check in CHECKS for part in check.parts if part.says],
)
def test_words_of_a_figures_own_read_like_a_documents(says: Says) -> None:
    assert says.ahead[0].islower()
    assert not says.ahead.endswith(".")
    assert says.why.endswith(".")
    assert says.advice.endswith(".")


def test_a_finding_without_parts_has_its_documents_words() -> None:
    finding = judge("growth-pace", headcount=None)
    assert (finding.deciding, finding.says.ahead) == (None, finding.document.ahead)


def test_a_figure_that_is_missing_without_a_word_still_says_something() -> None:
    assert outcome(graded(figure())) == (UNKNOWN, "no figure")


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([OK, CRITICAL, WARNING, UNKNOWN], CRITICAL),
        ([OK, WARNING, SKIPPED], WARNING),
        ([OK, UNKNOWN], OK),
        ([SKIPPED, UNKNOWN], UNKNOWN),
        ([SKIPPED], SKIPPED),
        ([], SKIPPED),
    ],
)
def test_the_worst_judged_status_else_unknown_else_skipped(statuses: list[Status], expected: Status) -> None:
    assert worst(statuses) is expected


# --- what can't be measured ----------------------------------------------------------------------------------


def failing(error: Exception) -> Check:
    def measure(facts: Facts, lines: Lines) -> Measurement:
        raise error

    return Check("sample", "team", BY_ID["growth-pace"].document, BY_ID["growth-pace"].parts, measure)


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (CannotTell("no cake"), UNKNOWN, "no cake"),
        (NotGiven("bring cake"), SKIPPED, "bring cake"),
        (ZeroDivisionError("by 0"), UNKNOWN, "this check failed (ZeroDivisionError: by 0); please report it"),
    ],
)
def test_a_check_that_can_not_tell_or_crashes_does_not_cost_the_others(
    error: Exception, status: Status, reason: str
) -> None:
    before, failed, after = run([BY_ID["newcomers"], failing(error), BY_ID["runway"]], shop(), {})
    assert outcome(failed) == (status, reason)
    assert (before.status, after.status) == (OK, OK)
    assert (failed.parts, failed.series, failed.quality) == ((), (), None)


def test_a_further_figure_that_can_not_be_told_is_a_part_without_one() -> None:
    def measure() -> Part:
        raise NotGiven("bring cake")

    assert attempt("other", measure) == Part("other", missing="bring cake")
    assert attempt("other", lambda: Part("other", 0.5)) == Part("other", 0.5)


def test_a_check_may_be_switched_off() -> None:
    settings = {"newcomers": Settings(enabled=False, reason="temps"), "runway": Settings(enabled=False)}
    temps, runway = run([BY_ID["newcomers"], BY_ID["runway"]], shop(), settings)
    assert (outcome(temps), outcome(runway)) == ((SKIPPED, "temps"), (SKIPPED, "switched off"))


def test_lines_of_your_own_replace_the_defaults_part_by_part() -> None:
    finding = judge("runway", {"months": Threshold(2, 1, "higher")}, financing=10_000, cash_balance=15_000)
    assert (value(finding), finding.status) == (1.5, WARNING)
    change = judge("repeat-share", {"change": Threshold(-0.5, None, "higher")}, repeat=lately(12, 0.5, 0.9))
    assert change.status is OK


def test_all_checks_give_one_finding_each_in_report_order() -> None:
    assert [finding.id for finding in run(CHECKS, shop(), {})] == [check.id for check in CHECKS]


# --- the series and the previous figure ----------------------------------------------------------------------


def test_the_series_holds_the_figure_at_each_of_twelve_month_ends() -> None:
    hires = {-10: 5, -2: 4}
    finding = judge("newcomers", headcount=20, hires=lambda month: hires.get(month, 0))
    fifth, quarter = 0.2, 0.25
    assert finding.series == tuple(
        zip(
            range(OCTOBER - 11, OCTOBER + 1),
            [0.0, quarter, quarter, quarter, quarter, quarter, quarter, 0.0, 0.0, fifth, fifth, fifth],
            strict=True,
        )
    )
    assert (finding.previous, value(finding)) == (0.0, fifth)


def test_month_ends_that_could_not_be_judged_are_gaps_in_the_series() -> None:
    finding = judge("growth-pace", months=8, orders=lately(3, 1500, 1000))
    known = [(month - OCTOBER, amount) for month, amount in finding.series if amount is not None]
    assert [month for month, _ in known] == [-2, -1, 0]
    assert [amount for _, amount in known] == near([1 / 6, 1 / 3, 1 / 2])
    assert finding.previous is None


def test_the_series_ends_with_the_last_month_of_the_checks_own_inputs() -> None:
    finding = judge("newcomers", headcount=lambda month: 10 if month <= -2 else None, hires=0)
    assert [month for month, _ in finding.series] == list(range(OCTOBER - 13, OCTOBER - 1))


def test_earlier_figures_are_judged_by_what_was_known_then() -> None:
    finding = judge("repeat-share", months=20, repeat=lately(1, 0.9, 0.5))
    months = dict(finding.series)
    assert months[OCTOBER] == near((9 * 0.5 + 0.9) / 10)  # half of 20 months
    assert months[OCTOBER - 1] == months[OCTOBER - 3] == finding.previous == near(0.5)
    assert months[OCTOBER - 9] is not None  # 11 months, 6 of lead-in: a lower bound
    assert dict(judge("repeat-share", months=20, repeat=0.4).series)[OCTOBER - 10] is None  # 10 months, 5 of lead-in


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_point_of_a_series_is_what_the_check_said_then(check: Check) -> None:
    facts = shop(
        plan={2026: 1_100_000, 2025: 1_500_000},
        orders=lambda month: 1000 + 17 * month,
        headcount=lambda month: 40 + month // 3,
        hires=lambda month: month % 3,
        leavers=lambda month: month % 2,
        locations=lambda month: 60 + month,
        cash_balance=lambda month: 3e6 - 1000 * month**2,
        inventory=lambda month: 2e5 - 3000 * month,
        payroll=lambda month: 50_000 + 10 * month,
    )
    for month, amount in judge_facts(check.id, facts).series:
        then = judge_facts(check.id, facts.until(month))
        assert amount == (then.parts[0].value if then.parts else None)


def test_facts_until_a_month_hold_nothing_later() -> None:
    month = OCTOBER - 5
    facts = shop(as_of=date(2026, 11, 15), plan={2026: 1.0}).until(month)
    assert facts.as_of == facts.days[-1].day == last_day(month)
    assert max(row.month for row in facts.months) == month
    assert max(row.to for row in facts.years) == month
    assert max(row.to for row in facts.repeat_windows) == month
    assert max(row.to for row in facts.second_order) == month
    assert max(row.first_month + row.age for row in facts.cohorts) == month
    assert set(facts.spans.values()) == {Span(OCTOBER - 35, month)}


def test_facts_until_a_month_that_has_not_ended_stay_as_they_are() -> None:
    facts = shop(as_of=date(2026, 11, 15))
    assert facts.until(OCTOBER + 1).as_of == facts.as_of
    assert facts.until(OCTOBER + 1).spans == facts.spans


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_month_that_is_not_over_is_never_judged(check: Check) -> None:
    whole = judge(check.id)
    with_november = judge(check.id, as_of=date(2026, 11, 20), orders=among([1], 1, 1000))
    assert (whole.status, [part.value for part in whole.parts]) == (
        with_november.status,
        [part.value for part in with_november.parts],
    )
    assert getattr(whole.window, "last", None) == getattr(with_november.window, "last", None)


# --- words: "the verdict names what runs ahead of what" -------------------------------------------------------


def test_the_deciding_figure_speaks_where_it_has_words_of_its_own() -> None:
    shortage = judge("inventory", inventory=lately(3, 60_000, 100_000))
    assert shortage.deciding is not None
    assert shortage.deciding.id == "shortage"
    assert shortage.says.ahead == "sales are outrunning stock"
    assert "Stop reordering" not in shortage.says.advice


def test_the_document_speaks_for_the_other_figures() -> None:
    glut = judge("inventory", inventory=lately(3, 200_000, 100_000))
    assert glut.says.ahead == glut.document.ahead == "stock is outrunning sales"
