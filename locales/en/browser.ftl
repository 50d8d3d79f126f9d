# What somebody came with. Product names are never translated.
browser-on = { $browser } on { $system }
browser-unknown = A phone or computer
