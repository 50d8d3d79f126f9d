# The first farm, step by step.
welcome-title = ចាប់ផ្តើម
