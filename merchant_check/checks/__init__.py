"""The eighteen checks, in report order.

How to add a check:
1. Copy the file of a similar check in team/, customers/ or cash/ and name it after the new id (growth-pace is
   growth_pace.py): its job in one sentence, its document, its parts with their lines, and `measure`.
2. Add its CHECK to CHECKS below.
3. Run `pytest`: the meta-tests say what is still missing (documentation, a boundary test, the generated tables).
"""
