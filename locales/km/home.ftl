# Home: the answer first, then values, devices, and the other houses.
home-title = ទំព័រដើម

# Who it is about: "House 1 · 500 birds · day 24"
home-birds = មាន់ { $n }
home-day = អាយុ { $n } ថ្ងៃ

# The answer
home-good = { $house } មានសភាពល្អ
home-too-hot = { $house } ក្តៅពេក
home-too-cold = { $house } ត្រជាក់ពេក
home-too-humid = { $house } សើមពេក
home-too-dry = { $house } ស្ងួតពេក
home-water-low = { $house } ជិតអស់ទឹក
home-feed-low = { $house } ជិតអស់ចំណី
home-past-limit = { $house } មានបញ្ហា
home-unknown = យើងមិនដឹងទេ

# The sentences after it. $when is a moment as it stands in a sentence, $time the same in a short line.
home-now = { $value }។
home-running = { $device } កំពុងដំណើរការ។
home-over = { $value } លើសកម្រិត { $limit }។
home-over-since = { $value } លើសកម្រិត { $limit } តាំងពី { $when }។
home-under = { $value } ទាបជាងកម្រិត { $limit }។
home-under-since = { $value } ទាបជាងកម្រិត { $limit } តាំងពី { $when }។
home-no-data-since = គ្មានទិន្នន័យ តាំងពី { $when }។
home-no-data-yet = មិនទាន់មានទិន្នន័យ។
home-silent-since = មិនស្គាល់{ $sensor }៖ ឧបករណ៍ចាប់សញ្ញាមិនឆ្លើយតប តាំងពី { $when }។
home-suspect-since = មិនស្គាល់{ $sensor }៖ តម្លៃរបស់ឧបករណ៍ចាប់សញ្ញាមិនអាចជឿបាន តាំងពី { $when }។
home-checked = ពិនិត្យ { $ago }
home-check-now = ពិនិត្យឥឡូវ

# Values
home-values = ក្នុងទ្រុងឥឡូវ
home-values-last = តម្លៃចុងក្រោយ
home-good-between = ល្អចន្លោះ { $low } ដល់ { $high }
home-since = តាំងពី { $time }
value-of = { $sensor } · { $device }
value-normal = ធម្មតា
value-enough = គ្រប់គ្រាន់
value-too-hot = ក្តៅពេក
value-too-cold = ត្រជាក់ពេក
value-too-humid = សើមពេក
value-too-dry = ស្ងួតពេក
value-high = ខ្ពស់
value-low = ទាប
value-old = តម្លៃចាស់
value-suspect = មិនអាចជឿបាន
value-unknown = មិនស្គាល់
value-none = មិនមានទិន្នន័យ
sensor-temperature = សីតុណ្ហភាព
sensor-humidity = សំណើម
sensor-water-level = កម្រិតទឹក
sensor-water-volume = ទឹក
sensor-flow-rate = លំហូរទឹក
sensor-feed-level = ចំណី
sensor-weight = ទម្ងន់

# Devices
home-devices = ឧបករណ៍សំខាន់
home-all-devices = ឧបករណ៍ទាំងអស់
device-on = បើក
device-off = បិទ
device-unknown = មិនស្គាល់
device-since = តាំងពី { $time }
device-automatic-since = ស្វ័យប្រវត្តិ តាំងពី { $time }
device-by-hand-since = ដោយដៃ តាំងពី { $time }
device-last-on = បើក តាមរបាយការណ៍ { $time }
device-last-off = បិទ តាមរបាយការណ៍ { $time }
device-last-other = រាយការណ៍ចុងក្រោយ { $time }
device-never = មិនទាន់រាយការណ៍

# Other houses, controllers, new devices
home-others = ទ្រុងផ្សេង
home-connection = ការតភ្ជាប់
controller = ឧបករណ៍បញ្ជា { $node }
controller-seen = ទាក់ទងចុងក្រោយ { $time }
controller-never = មិនទាន់តភ្ជាប់
controller-online = បានតភ្ជាប់
controller-offline = បានផ្ដាច់
controller-silent-since = ឧបករណ៍បញ្ជា { $node } មិនឆ្លើយតប តាំងពី { $when }។
home-new = ឧបករណ៍ថ្មី
home-new-help = រង់ចាំអ្នកគ្រប់គ្រងយល់ព្រម
home-empty = មិនទាន់មានឧបករណ៍

# The live connection of this page
live-lost = ដាច់ការតភ្ជាប់
live-lost-since = បង្ហាញតម្លៃពី { $time }
