# Where the person is signed in.
sessions-title = Where you are signed in
