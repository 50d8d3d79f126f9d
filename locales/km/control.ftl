# Switching devices by hand. How far a command is, and why something is refused, stands in commands.ftl.
control-title = ការគ្រប់គ្រងឧបករណ៍
control-none = មិនទាន់មានអ្វីត្រូវបើក ឬបិទទេ
control-none-help = ពេលកង្ហារ ភ្លើង ឬម៉ូទ័រទម្លាក់ចំណីបានតភ្ជាប់ ហើយត្រូវបានទទួលយក វានឹងបង្ហាញនៅទីនេះ។
control-view-only = អ្នកអាចមើលបាន។ អ្នកថែទាំ ឬអ្នកគ្រប់គ្រងអាចបើក និងបិទ។
# the bolt: one verb and one thing
control-turn-on = បើក{ $thing }
control-turn-off = បិទ{ $thing }
control-drop = ទម្លាក់ចំណី { $span }
control-drop-end = បញ្ឈប់ការទម្លាក់ចំណី
control-locked = បានចាក់សោ
thing-fan = កង្ហារ
thing-heater = ម៉ាស៊ីនកម្តៅ
thing-lamp = អំពូលកម្តៅ
thing-light = ភ្លើង
thing-feeder = ម៉ូទ័រទម្លាក់ចំណី
thing-pump = ម៉ាស៊ីនបូមទឹក
thing-belt = បង្វែរលាមក
thing-valve = វ៉ានទឹក
thing-climate = ឧបករណ៍
thing-water-level = ឧបករណ៍
thing-scale = ឧបករណ៍
thing-other = ឧបករណ៍
# why it is as it is. $time is a moment in a short line
control-stopped = បញ្ឈប់បន្ទាន់ { $time }
control-was-stopped = ការបញ្ឈប់បន្ទាន់បានបិទវា { $time }
control-interlocked = ច្បាប់សុវត្ថិភាពបានបិទវា { $time }
control-by = ដោយដៃ ដោយ{ $who } { $time }
control-last-drop = ចុងក្រោយ { $time }
# what will end it. $when is a moment as it stands in a sentence
control-ends-timer = វាបិទដោយខ្លួនឯង { $when }។
control-ends-interlock = ច្បាប់សុវត្ថិភាពនឹងបិទវា យ៉ាងយូរ { $when }។
# how far a command is
control-saved-here = 1. រក្សាទុកក្នុងទូរស័ព្ទ
control-sending = កំពុងផ្ញើ…
control-step = { $n }. { $stage }
control-saved = រក្សាទុកហើយ
control-not-sent-yet = មិនទាន់បានផ្ញើ
control-waiting = កំពុងរង់ចាំឧបករណ៍
control-waiting-until = ទាក់ទងឧបករណ៍មិនបានទេ។ នឹងផ្ញើទៅវា បើវាត្រឡប់មកវិញមុន { $when }។
control-done = រួចរាល់ { $time }
control-dropped = ឧបករណ៍បានទម្លាក់ចំណី
control-drop-ended = ឧបករណ៍បានឈប់
control-ended = { $stage } · { $time }
control-again = ព្យាយាមម្ដងទៀត
control-undo = ត្រឡប់វិញ
# what holds it
control-stop-help = មានតែអ្នកគ្រប់គ្រងទេ ដែលដោះសោបាន។
control-release = ដោះសោ
control-away-since = ទាក់ទងមិនបាន តាំងពី { $time }
control-away-help = ការបញ្ជារបស់អ្នករង់ចាំវា៖ បើក { $on } បិទ { $off }។ ក្រោយមក ឈប់ផ្ញើទៅវា។
control-by-hand-until = ដោយដៃ រហូតដល់ { $time }
control-then-automatic = ក្រោយមក ស្វ័យប្រវត្តិវិញ
control-automatic-now = ស្វ័យប្រវត្តិវិញឥឡូវ
# why a tap was not done
control-not-on = មិនបានបើកទេ
control-not-off = មិនបានបិទទេ
control-not-done = មិនបានធ្វើទេ
control-not-done-help = យើងមិនបានទទួលទេ។ សូមមើលសភាពឥឡូវ ហើយព្យាយាមម្ដងទៀត។
control-old = ទំព័រនេះចាស់ហើយ
control-old-help = មិនបានផ្ញើអ្វីទេ។ សូមមើលសភាពឥឡូវ ហើយចុចម្ដងទៀត បើអ្នកនៅតែចង់។
control-not-sent = មិនបានផ្ញើ
control-not-sent-help = ដាច់ការតភ្ជាប់។ តាមទូរស័ព្ទនេះដឹង មិនបានបញ្ជាឧបករណ៍ទេ។
# several at once
control-several = ច្រើនក្នុងពេលតែមួយ
control-all-of = { $things }ទាំងអស់ · { $place }
control-all-on = បើកទាំងអស់
control-all-off = បិទទាំងអស់
done-control-told = ឧបករណ៍ដែលបានបញ្ជា៖ { $n }
things-fan = កង្ហារ
things-light = ភ្លើង
things-lamp = អំពូលកម្តៅ
things-heater = ម៉ាស៊ីនកម្តៅ
things-pump = ម៉ាស៊ីនបូមទឹក
# more for one device
control-more = បើកមួយរយៈ…
control-more-feed = ទម្លាក់រយៈពេលផ្សេង…
control-more-values = កំណត់កម្រិត ឬបើកមួយរយៈ…
control-for = បើករយៈពេលប៉ុន្មាន?
control-for-help = ឧបករណ៍បិទដោយខ្លួនឯង ពេលគ្រប់ម៉ោង។
control-feed-for = ទម្លាក់ចំណីរយៈពេលប៉ុន្មាន?
control-feed-help = ម៉ូទ័រឈប់ដោយខ្លួនឯង ពេលគ្រប់ម៉ោង។ បន្ទាប់មក ប៊ូតុងរបស់វាបង្ហាញរយៈពេលដដែល។
control-value = ខ្លាំងប៉ុណ្ណា? (%)
control-angle = មុំប៉ុន្មាន? (°)
control-bounds = ពី { $least } ដល់ { $most }
control-less = បន្ថយ
control-more-of = បន្ថែម
control-set = កំណត់
