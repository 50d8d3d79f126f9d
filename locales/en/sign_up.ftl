# A new account.
sign-up-title = Make an account
sign-up-lead = Each person has an account of their own.
sign-up-login = Phone number or e-mail
sign-up-login-help = 012 345 678 or e-mail
sign-up-taken = There is an account with this already. Sign in to it.
sign-up-joins = After this you join the farm that invited you.
sign-up-submit = Make my account
sign-up-have = I have an account
# what people type about themselves, here and on the account page
person-name = Full name
contact-bad = This is neither a phone number nor an e-mail. Type it like 012 345 678.
# a new password, wherever one is set
password-new = New password
password-current = Password now
password-help = 10 characters or more
password-too-short = Too short. It needs 10 characters or more.
password-too-long = Too long. Use a shorter one.
password-guessable = Others could guess this one. Use a few words that belong to nobody.
password-busy = Too many people are signing in just now. Wait a little, then type the password once more.
password-wrong = This is not right. Type it again.
password-again = Type it once more, so that we know it is you.
