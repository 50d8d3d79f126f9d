# The way into a farm by an invitation.
join-title = ចូលរួមកសិដ្ឋាន
