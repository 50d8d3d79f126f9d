# Who belongs to a farm.
members-title = សមាជិក
