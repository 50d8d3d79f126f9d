# The houses of a farm, and the birds in them.
houses-title = Houses
houses-none = No houses yet
houses-none-help = A house is where birds live and devices hang.
houses-devices = Devices: { $n }
houses-empty = No birds
houses-add = Add a house
houses-name = Name of the house
houses-same-name = There is a house of this name already.
houses-age = How many days old today?
houses-age-help = Just hatched = 0. Or give the date below.
houses-placed-on = Or the day they hatched
houses-two-days = The days and the date do not agree. Please fill in one of them.
houses-future = This day is still to come.
houses-too-long-ago = This day is too long ago.
houses-remove = Remove the house
houses-remove-title = Remove { $house }?
houses-remove-help = The house and what is said of its birds leave all pages. There is no way back.
houses-has-devices = The house can not be removed yet: devices hang in it ({ $n }). Please move them to another house first.
done-house-added = The house was added
done-house-removed = The house was removed

# Birds
birds-kind = What birds?
bird-local = Local Khmer chicken
bird-broiler = Broiler
bird-broiler-help = raised for meat
bird-layer = Layer
bird-layer-help = raised for eggs
bird-other = Other
birds-local = { $n } Khmer chickens
birds-broiler = { $n } broilers
birds-layer = { $n } layers
birds-other = { $n } birds
birds-count = How many birds?
birds-count-help = 0 if the house is empty
