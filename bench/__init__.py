"""Measurements, one question a file. `make bench`, or `python -m bench cycle --children 60000`.

Each proves that answers are equal before it tells a time, and keeps the figures in `bench/results` with the
commit and the size of the machine. Times of one machine are no promise for another; ratios of one run are.
"""
