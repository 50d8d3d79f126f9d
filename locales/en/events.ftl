# What has happened on a farm.
events-title = Event log
