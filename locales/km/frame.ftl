# The frame of every page. The product's name is never translated.
brand = Tokkatot
skip = រំលងទៅមាតិកា
account = គណនី
sign-out = ចាកចេញ
language-switch = ភាសា
