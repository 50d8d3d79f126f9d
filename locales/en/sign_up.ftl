# A new account.
sign-up-title = Make an account
sign-up-lead = Each person has an account of their own.
sign-up-login = Phone number or e-mail
sign-up-login-help = 012 345 678 or e-mail
sign-up-taken = There is an account with this already. Please sign in to it.
sign-up-joins = After this you join the farm that invited you.
sign-up-submit = Make my account
sign-up-have = I have an account
