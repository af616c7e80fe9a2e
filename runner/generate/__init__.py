"""
What is generated from the code: JSON Schemas, docs/reference and docs/kernel.
"""
