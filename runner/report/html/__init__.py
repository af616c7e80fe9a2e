"""
A run as one HTML page: an overview, and for each case a picture of its timeline.
"""

from runner.report.html.page import render

__all__ = ["render"]
