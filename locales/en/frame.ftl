# The frame of every page. The product's name is never translated.
brand = Tokkatot
app-name = Tokkatot poultry farm
app-description = Watch your coops from your phone.
skip = Skip to content
account = Account
sign-out = Sign out
# the other language, under its own name: short, and for people who listen
language-other = ខ្មែរ
language-other-name = ខ្មែរ
# the bar at the foot of a farm’s pages
bar = Main pages
bar-control = Control
