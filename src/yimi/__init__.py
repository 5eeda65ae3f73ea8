"""Yimi (一米): a child-friendly-city plan, loaded as data and worked by its district."""

__version__ = "0.1.0"
