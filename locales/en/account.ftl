# The person's own account.
account-title = Your account
