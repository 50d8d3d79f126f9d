# The settings of a farm.
settings-title = Farm settings
