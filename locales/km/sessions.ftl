# Where the person is signed in.
sessions-title = កន្លែងដែលអ្នកបានចូលគណនី
