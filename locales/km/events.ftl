# What has happened on a farm.
events-title = កំណត់ហេតុ
