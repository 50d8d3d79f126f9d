# The frame of every page. The product's name is never translated.
brand = Tokkatot
app-name = Tokkatot poultry farm
app-description = Watch your coops from your phone.
skip = Skip to content
account = Account
sign-out = Sign out
language-switch = Language
