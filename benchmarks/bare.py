"""The bare parse of an orders file, the limit: six columns typed and counted, nothing else.

`python -m benchmarks.bare FILE.csv`
"""

from __future__ import annotations

import sys

import polars as pl


def parsed(path: str) -> pl.DataFrame:
    """One figure of each column, so that none can be left unread."""
    return (
        pl.scan_csv(path, infer_schema=False)
        .select(
            rows=pl.len(),
            order=pl.col("order_id").hash().max(),
            customer=pl.col("customer_id").hash().max(),
            ordered_at=pl.col("ordered_at").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).max(),
            amount=pl.col("amount").cast(pl.Float64, strict=False).sum(),
            refund=pl.col("refund").cast(pl.Float64, strict=False).sum(),
            status=pl.col("status").null_count(),
        )
        .collect(engine="streaming")
    )


if __name__ == "__main__":
    print(parsed(sys.argv[1]).row(0))
