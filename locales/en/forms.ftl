# What forms and the pages after them have in common.
field-required = Please fill this in.
field-show = Show
field-hide = Hide
field-control = There is a character in it that can not be kept. Please type it again.
field-too-long = That is too long. Please use { $n } characters at most.
field-wait = Too many attempts. Please wait { $n } min and try again.
save = Save
cancel = Cancel
back = Back
next = Next
done-saved = Saved
field-range = Please type a number from { $from } to { $to }.
field-date = Please give a date such as { $example }.
