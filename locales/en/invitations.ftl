# Ways into a farm.
invitations-title = Invite someone
