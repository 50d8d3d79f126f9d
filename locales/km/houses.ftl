# The houses of a farm.
houses-title = ទ្រុង
