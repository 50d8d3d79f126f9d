# The houses of a farm.
houses-title = Houses
