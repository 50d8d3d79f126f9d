# The way into a farm by an invitation.
join-title = Join a farm
join-lead = Type the code of your invitation.
join-invites = { $person } invites you
join-farm = Join { $farm }
join-role = As { $role }
join-until = Valid until { $time }
join-already = You belong to this farm already.
join-first = Make an account, or sign in to the one you have. Then you join.
join-dead = This invitation can not be used
join-dead-help = It was used, taken back or is too old, or the code is wrong. Please ask the farm for a new one.
done-joined = You have joined the farm
