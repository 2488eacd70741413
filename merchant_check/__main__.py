"""`python -m merchant_check` and the console script."""

from merchant_check.cli import main

if __name__ == "__main__":
    main()
