"""
From YAML text to checked scenarios: the language that users write, and its errors.

The only room that knows YAML, and one of two that know Pydantic.
"""
