"""The site the staff of a district work in all day."""
