# Where the person is signed in.
sessions-title = Where you are signed in
sessions-lead = If you do not know one of these, sign it out and change your password.
sessions-this = This phone
sessions-borrowed = Borrowed phone
sessions-used = Last used { $time }
sessions-since = Signed in { $time }
sessions-from = Address { $address }
sessions-name = Name this phone
sessions-name-label = What you call it
sessions-name-help = For example: Dara's phone
sessions-end = Sign it out
sessions-end-others = Sign out all others
done-session-ended = It was signed out
done-sessions-ended = Other phones and computers signed out: { $n }
