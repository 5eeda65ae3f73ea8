"""Numbered evaluation runs, their figures and the lights of the targets."""
