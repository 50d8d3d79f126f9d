# A new account.
sign-up-title = Make an account
