# The door.
sign-in-title = Sign in
sign-in-lead = Watch your coops from your phone.
sign-in-login = Phone number, e-mail or account name
sign-in-login-help = For example 012 345 678
sign-in-password = Password
sign-in-submit = Sign in
sign-in-wrong = The number, the name or the password is wrong. Please try again.
sign-in-busy = Too many attempts. Please wait { $n } min and try again.
