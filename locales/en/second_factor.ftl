# The second factor of the sign-in.
second-factor-title = Second step at sign-in
