# A new password by a code.
reset-title = Set a new password
