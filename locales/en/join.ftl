# The way into a farm by an invitation.
join-title = Join a farm
join-lead = Type the code of your invitation.
join-invites = { $person } invites you
join-farm = Join { $farm }
join-role = As { $role }
join-role-viewer = You may look at everything, and change nothing.
join-role-keeper = You may look at everything, turn devices on and off, and acknowledge alerts.
join-role-manager = You may do what a keeper does, change houses and schedules, and invite keepers and viewers.
join-role-admin = You may do everything, also change the farm and its members.
join-until = Valid until { $time }
join-submit = Join { $farm }
join-already = You belong to this farm already.
join-first = Make an account, or sign in to the one you have. Then you join.
join-dead = This invitation can not be used
join-dead-help = It was used, taken back or is too old, or the code is wrong. Ask the farm for a new one.
done-joined = You have joined the farm
# codes that people type
code-label = Code
code-help = 8 letters and digits, like K7RM 4PXD
code-bad = A code has 8 letters and digits, and no 0, O, 1 or I. Type it again.
code-other = Type another code
