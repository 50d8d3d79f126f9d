# Commands to devices: what was asked, how far it is, why it ended so, and who asked.
# what was asked
command-on = បើក
command-on-for = បើករយៈពេល { $span }
command-off = បិទ
command-value = ដាក់ { $n }{"\u00A0"}%
command-angle = ដាក់ { $n }°
command-percent = { $n }{"\u00A0"}%
command-degrees = { $n }°
# how far it is. "Sent" is the broker's word, "received" and "done" are the device's own.
command-queued = រង់ចាំផ្ញើ
command-queued-why = អាចផ្ញើបានរហូតដល់ { $when }។
command-sent = បានផ្ញើ
command-sent-why = ឧបករណ៍មិនទាន់ឆ្លើយ។
command-executing = ឧបករណ៍បានទទួល
command-executing-why = វាមិនទាន់ប្រាប់ថារួចរាល់ទេ។
command-completed = រួចរាល់
command-failed = បរាជ័យ
# why it ended otherwise
command-expired = ផុតកំណត់
command-expired-why = ទាក់ទងឧបករណ៍មិនទាន់ពេល។ ឈប់ផ្ញើទៅវាហើយ។
command-no-answer = មិនឆ្លើយតប
command-no-answer-why = មិនដឹងថាឧបករណ៍បានធ្វើ ឬអត់ទេ។
command-superseded = ត្រូវបានជំនួស
command-superseded-why = ការបញ្ជាថ្មីបានជំនួសវា។
command-cancelled = បានបោះបង់
command-cancelled-why = ត្រូវបានបោះបង់ មុនពេលផ្ញើ។
command-interlocked = មិនបានផ្ញើ
command-interlocked-why = ច្បាប់សុវត្ថិភាពរបស់ឧបករណ៍មិនអនុញ្ញាត។
command-stopped = មិនបានផ្ញើ
command-stopped-why = កំពុងបញ្ឈប់បន្ទាន់។
command-forbidden = មិនបានផ្ញើ
command-forbidden-why = អ្នកដែលបានបញ្ជា លែងមានសិទ្ធិបញ្ជាឧបករណ៍ហើយ។
command-refused = ឧបករណ៍បដិសេធ
command-refused-why = ឧបករណ៍ធ្វើមិនបានទេ។
command-refused-saying = ឧបករណ៍ប្រាប់ថា៖ { $words }
command-disagrees = ធ្វើហើយ តែមិនដូចការបញ្ជា
command-disagrees-why = ឧបករណ៍មិនដូចដែលបានបញ្ជាទេ។
command-disagrees-saying = ឧបករណ៍ប្រាប់ថាវា៖ { $state }
# who asked
command-by-somebody = នរណាម្នាក់
command-by-schedule = កាលវិភាគ
command-by-rule = លក្ខខណ្ឌ
command-by-safety = ច្បាប់សុវត្ថិភាព
command-by-stop = បញ្ឈប់បន្ទាន់
command-by-stop-of = បញ្ឈប់បន្ទាន់ ដោយ { $person }
# why something is not done at all
command-not-unknown-action = គ្មានការបញ្ជាបែបនេះទេ។
command-not-not-a-switch = ឧបករណ៍នេះសម្រាប់តែវាស់។ គ្មានអ្វីត្រូវបើក ឬបិទទេ។
command-not-not-in-use = ឧបករណ៍នេះឈប់ប្រើហើយ។
command-not-not-off = វាមិនទាន់ប្រាប់ថាបិទទេ៖ វាអាចកំពុងដំណើរការ។
command-not-wrong-action = ឧបករណ៍នេះធ្វើបែបនោះមិនបានទេ។
command-not-no-value = សូមប្រាប់ថាប៉ុន្មាន។
command-not-not-a-number = នេះមិនមែនជាលេខទេ។
command-not-out-of-range = ត្រូវចន្លោះពី { $least } ដល់ { $most }។
command-not-no-duration = មានតែការបើកទេ ដែលអាចឈប់ដោយខ្លួនឯង។
command-not-no-portion = ការទម្លាក់ចំណីត្រូវមានរយៈពេល។ សូមជ្រើសរើសរយៈពេល។
command-not-duration = រយៈពេលត្រូវចន្លោះពី { $least } ដល់ { $most }។
command-not-stopped = បញ្ឈប់បន្ទាន់ តាំងពី { $when }។ មានតែអ្នកគ្រប់គ្រងទេ ដែលដោះសោបាន។
# safety rules
command-held-max-on = វាដំណើរការយូរគ្រប់គ្រាន់ហើយ។ សូមបិទវាជាមុនសិន។
command-held-min-on-until = វាត្រូវដំណើរការរហូតដល់ { $when }។
command-held-min-off-until = វាត្រូវសម្រាករហូតដល់ { $when }។
command-held-max-starts-until = វាបានចាប់ផ្ដើមច្រើនដងគ្រប់គ្រាន់ហើយ។ អាចចាប់ផ្ដើមម្ដងទៀត ចាប់ពី { $when }។
command-held-exclusive = { $device } កំពុងដំណើរការ។ សូមបិទវាជាមុនសិន។
command-held-exclusive-until = { $device } កំពុងដំណើរការ រហូតដល់ { $when }។ សូមបិទវាជាមុនសិន ឬរង់ចាំ។
command-held-other = ឧបករណ៍មួយទៀត
# the same, told afterwards
command-was-held-max-on = ពេលនោះ វាដំណើរការយូរគ្រប់គ្រាន់ហើយ។
command-was-held-min-on-until = ពេលនោះ វាត្រូវដំណើរការរហូតដល់ { $when }។
command-was-held-min-off-until = ពេលនោះ វាត្រូវសម្រាករហូតដល់ { $when }។
command-was-held-max-starts-until = ពេលនោះ វាបានចាប់ផ្ដើមច្រើនដងគ្រប់គ្រាន់ហើយ។ អាចចាប់ផ្ដើមម្ដងទៀត ចាប់ពី { $when }។
command-was-held-exclusive = ពេលនោះ { $device } កំពុងដំណើរការ។
command-was-held-exclusive-until = ពេលនោះ { $device } កំពុងដំណើរការ រហូតដល់ { $when }។
