# The way into a farm by an invitation.
join-title = Join a farm
