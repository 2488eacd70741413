"""Does the team keep pace with the growth, and the growth with the team?"""
