# What people are on a farm, and what each role may do, in a few words.
role-admin = Owner
role-manager = Manager
role-keeper = Keeper
role-viewer = Viewer
role-admin-may = can do everything
role-manager-may = sets up houses and devices, invites
role-keeper-may = turns devices on and off, acknowledges alerts
role-viewer-may = view only
last-admin = A farm needs an owner. Please make another member an owner first.
