"""Spreadsheets that offices send: every row accepted or refused, all or nothing."""
