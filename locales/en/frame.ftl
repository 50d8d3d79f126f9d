# The frame of every page. The product's name is never translated.
brand = Tokkatot
skip = Skip to content
account = Account
sign-out = Sign out
language-switch = Language
