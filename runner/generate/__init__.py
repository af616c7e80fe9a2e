"""
What is generated from the code: JSON Schemas, pages of docs/, and man/.
"""
