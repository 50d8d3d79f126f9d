# A new password by a code.
reset-title = Set a new password
reset-lead = Ask the owner or manager of your farm for a code, and type it here. Owners ask the people who run Tokkatot.
reset-for = For { $person }
reset-ends-sessions = You are signed out on all phones. Then sign in with the new password.
reset-submit = Set the password
reset-dead = This code can not be used
reset-dead-help = It was used or is too old, or it is wrong. Please ask the owner or manager of your farm for a new one.
done-password-set = The new password is set. Sign in with it.
