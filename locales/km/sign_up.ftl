# A new account.
sign-up-title = ចុះឈ្មោះ
