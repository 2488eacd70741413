"""`python -m merchant_check` and the console script."""

import gc

gc.disable()  # a run is short and leaves few cycles behind: collecting them took a tenth of its time, most at import

from merchant_check.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
