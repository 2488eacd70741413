"""merchant-check: is this shop growing faster than its team, its customers' loyalty and its cash can carry?"""

__version__ = "0.1.0"
