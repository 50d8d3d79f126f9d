# The second factor of the sign-in.
second-factor-title = ជំហានទីពីរ ពេលចូលគណនី
