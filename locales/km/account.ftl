# The person's own account.
account-title = គណនីរបស់អ្នក
