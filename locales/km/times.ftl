# Times of day and ages. A number and its unit hold together by a no-break space.
day-night = យប់
day-morning = ព្រឹក
day-noon = ត្រង់
day-afternoon = រសៀល
day-evening = ល្ងាច
yesterday-at = ម្សិលមិញ { $time }
# the same as they stand in a sentence
when-today = ម៉ោង { $time }
when-yesterday = ម្សិលមិញ ម៉ោង { $time }
when-date = { $date } ម៉ោង { $time }
ago-seconds = { $n }{"\u00A0"}វិនាទីមុន
ago-minutes = { $n }{"\u00A0"}នាទីមុន
ago-hours = { $n }{"\u00A0"}ម៉ោងមុន
ago-days = { $n }{"\u00A0"}ថ្ងៃមុន
# how long
span-seconds = { $n }{"\u00A0"}វិនាទី
span-minutes = { $n }{"\u00A0"}នាទី
span-hours = { $n }{"\u00A0"}ម៉ោង
span-days = { $n }{"\u00A0"}ថ្ងៃ
span-hours-minutes = { $hours }{"\u00A0"}ម៉ោង { $minutes }{"\u00A0"}នាទី
