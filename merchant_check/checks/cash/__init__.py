"""Does the expansion pay for itself before the money is gone?"""
