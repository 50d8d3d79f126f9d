# Times of day and ages. A number and its unit hold together by a no-break space.
day-night = am
day-morning = am
day-noon = pm
day-afternoon = pm
day-evening = pm
yesterday-at = yesterday { $time }
# the same as they stand in a sentence
when-today = { $time }
when-yesterday = yesterday { $time }
when-date = { $date } { $time }
ago-seconds = { $n }{"\u00A0"}s ago
ago-minutes = { $n }{"\u00A0"}min ago
ago-hours = { $n }{"\u00A0"}h ago
ago-days = { $n }{"\u00A0"}d ago
# how long
span-seconds = { $n }{"\u00A0"}s
span-minutes = { $n }{"\u00A0"}min
span-hours = { $n }{"\u00A0"}h
span-days = { $n }{"\u00A0"}d
span-hours-minutes = { $hours }{"\u00A0"}h { $minutes }{"\u00A0"}min
