# Codes that people type.
code-label = Code
code-help = 8 letters and digits, like K7RM 4PXD
code-bad = A code has 8 letters and digits, and no 0, O, 1 or I. Please type it again.
code-other = Type another code
