# The frame of every page. The product's name is never translated.
brand = Tokkatot
app-name = Tokkatot កសិដ្ឋានមាន់
app-description = មើលទ្រុងមាន់ ពីទូរស័ព្ទរបស់អ្នក។
skip = រំលងទៅមាតិកា
account = គណនី
sign-out = ចាកចេញ
# the other language, under its own name: short, and for people who listen
language-other = EN
language-other-name = EN, English
# the bar at the foot of a farm’s pages
bar = ទំព័រសំខាន់ៗ
bar-control = បញ្ជា
