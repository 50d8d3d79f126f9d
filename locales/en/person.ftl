# What people type about themselves.
person-name = Full name
contact-bad = This is neither a phone number nor an e-mail. Please type it like 012 345 678.
