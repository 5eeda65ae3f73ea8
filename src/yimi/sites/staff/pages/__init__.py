"""Pages of the staff site: one module an area, functions from a request to a page."""
