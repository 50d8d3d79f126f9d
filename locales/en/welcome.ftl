# The first farm, step by step.
welcome-title = Getting started
