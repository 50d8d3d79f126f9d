# A password, wherever one is set or asked for again.
password = Password
password-new = New password
password-current = Password now
password-help = 10 characters or more
password-too-short = Too short. It needs 10 characters or more.
password-too-long = Too long. Please use a shorter one.
password-guessable = Others could guess this one. Please use a few words that nobody can guess.
password-busy = Too many people are signing in just now. Please wait a little, then type the password once more.
password-wrong = This is not right. Please type it again.
password-again = Type it once more, so that we know it is you.
