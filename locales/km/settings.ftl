# The settings of a farm.
settings-title = ការកំណត់កសិដ្ឋាន
