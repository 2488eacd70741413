"""Small statistics, each with its source: intervals for shares, changes and survival curves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, log, sqrt
from statistics import median

Z95 = 1.959964  # the 97.5 % point of the standard normal distribution


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(share: float, n: float) -> Estimate:
    """Wilson's score interval for a share seen in n cases; n may be an effective (fractional) sample size.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
    """
    z2 = Z95 * Z95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Estimate(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


@dataclass(frozen=True, slots=True)
class ClusteredShare:
    """A share Σr / Σn whose cases come in clusters (orders of one customer), from sums over the clusters."""

    r: int
    n: int
    sum_rr: int
    sum_rn: int
    sum_nn: int

    @property
    def share(self) -> float:
        return self.r / self.n

    @property
    def variance(self) -> float:
        """Σ (rᵢ - p nᵢ)² / n²: the linearised variance of a ratio (Cochran, Sampling Techniques, 1977, ch. 6)."""
        p = self.share
        return max(0.0, self.sum_rr - 2 * p * self.sum_rn + p * p * self.sum_nn) / self.n**2

    def interval(self) -> Estimate:
        """Wilson's interval at the effective sample size n / design effect (Kish 1965), never above n."""
        p, variance = self.share, self.variance
        effective = p * (1 - p) / variance if variance > 0 else float(self.n)
        return wilson(p, max(1.0, min(effective, float(self.n))) if 0 < p < 1 else float(self.n))


def ratio_interval(ratio: float, now: float, before: float) -> Estimate:
    """The change ratio - 1 between two windows of `now` and `before` cases, as counts of a Poisson process.

    exp(ln r ± 1.96 √(1/a + 1/b)) - 1: the log-ratio interval of Rothman & Greenland, Modern Epidemiology.
    """
    spread = exp(Z95 * sqrt(1 / now + 1 / before))
    return Estimate(ratio - 1, ratio / spread - 1, ratio * spread - 1)


def money_interval(ratio: float, now: float, before: float) -> Estimate:
    """ratio_interval for the money of so many orders: amounts vary by about as much as their mean, which doubles the
    variance of a sum (of a compound Poisson process: count × (1 + cv²), here cv = 1)."""
    return ratio_interval(ratio, now / 2, before / 2)


def kaplan_meier(rows: Iterable[tuple[int, int, int]], horizon: int) -> Estimate:
    """Probability that the event has come by `horizon`, from (gap, at risk, events) rows ordered by gap.

    Kaplan & Meier 1958 with Greenwood's variance on the log(-log) scale, so that the interval stays within 0..1
    (Kalbfleisch & Prentice, The Statistical Analysis of Failure Time Data, 1980); Wilson's where nobody or everybody
    has come, of those at risk at the last row up to the horizon.
    """
    survival, greenwood, followed = 1.0, 0.0, 0
    for gap, at_risk, events in rows:
        if gap > horizon:
            continue
        followed = at_risk
        survival *= 1 - events / at_risk if at_risk else 1
        if 0 < events < at_risk:
            greenwood += events / (at_risk * (at_risk - events))
    if survival in (0.0, 1.0):  # no variance to be had: the share among those followed to the end
        return wilson(1 - survival, max(followed, 1))
    half = Z95 * sqrt(greenwood) / abs(log(survival))
    return Estimate(1 - survival, 1 - survival ** exp(-half), 1 - survival ** exp(half))


def theil_sen(values: Sequence[float]) -> float:
    """The slope a step: the median of the slopes between all pairs, so that one odd month does not decide it.

    Source: Theil 1950; P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 1968.
    """
    pairs = combinations(enumerate(values), 2)
    return median((later - earlier) / (after - before) for (before, earlier), (after, later) in pairs)


def nearest_rank(sorted_values: list[int], share: float) -> int:
    """The value at or below which `share` of the sorted values lie (nearest-rank percentile); 0 if there are none."""
    if not sorted_values:
        return 0
    rank = -(-len(sorted_values) * round(share * 100) // 100)
    return sorted_values[max(0, rank - 1)]
