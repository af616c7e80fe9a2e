"""Builders that tests share: short words for cases, steps and facts."""
