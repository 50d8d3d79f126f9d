# The door.
sign-in-title = Sign in
sign-in-login = Phone number, e-mail or account name
sign-in-login-help = For example 012 345 678
sign-in-submit = Sign in
sign-in-wrong = The number, the name or the password is wrong. Please try again.
sign-in-borrowed = This is not my phone
sign-in-borrowed-help = You are signed out when the browser is closed, or after 30 min.
sign-in-no-account = Make an account
sign-in-invited = I have an invitation code
sign-in-forgotten = I forgot the password
# the second step, for who has turned it on
sign-in-code-title = The six digits from your phone
sign-in-code-lead = Open the app that makes your codes, and type the six digits that it shows.
sign-in-code = Six digits
sign-in-code-wrong = This code is wrong, or it was used before.
sign-in-code-late = That took too long. Please type the password again.
sign-in-code-finished = Your code was right, but the answer did not reach this phone. Please type the password again, and then the next code.
sign-in-lost = I do not have my phone
sign-in-recovery = Recovery code
sign-in-recovery-help = One of the codes that you wrote down. Each works once.
