"""The arithmetic of the polls, pure: no Django, no database, only numpy and scipy, so that it can be trusted alone.

Every function says what goes in and out, in which units, and which publication its formula comes from. Figures are
floats while they are worked out and become decimals with two places once, at the end (``rounding``).
"""
