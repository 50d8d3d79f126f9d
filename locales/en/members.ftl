# Who belongs to a farm.
members-title = Members
members-number = People: { $n }
members-you = You
members-role = { $role } · { $may }
members-all = All members
# one person
member-since = Here since { $date }
member-invited-by = Invited by { $member }
member-role = Role
member-role-change = Change the role
done-role-changed = The role was changed
# a forgotten password
member-reset-title = Help with a forgotten password
member-reset-help = You get a code to read out. With it, this person sets a new password.
member-reset = Make a code
member-reset-operator = The farm can not make a code for this person. The people who run Tokkatot can help.
member-reset-about = For { $member }, to set a new password
member-reset-qr = QR code for a new password
member-reset-once = This code is shown only now. Give it to nobody else.
member-reset-read = I have passed it on
# removing somebody
member-remove = Remove from the farm
member-remove-title = Remove { $member } from { $farm }?
member-remove-pages = Pages that are open on their phone close at once
member-remove-stays = What they did stays in the event log
member-remove-again = They can be invited again at any time
member-remove-verb = Remove { $member }
done-member-removed = The person was removed
