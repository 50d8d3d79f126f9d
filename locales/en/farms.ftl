# The list of farms.
farms-title = Your farms
farms-none = You have no farm yet
farms-none-help = Please ask the owner of a farm to add you.
role-admin = Owner
role-manager = Manager
role-keeper = Keeper
role-viewer = Viewer
