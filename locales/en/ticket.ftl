# A code to hand over.
ticket-help = Let them scan it, or read this code out
ticket-link = or send this link
ticket-until = Works once · until { $when }
