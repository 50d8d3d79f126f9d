# The emergency stop: what stands still, pressing it, and releasing it.
stop-title = បញ្ឈប់បន្ទាន់
stop-stands = បានចុចបញ្ឈប់បន្ទាន់
stop-none = គ្មានអ្វីត្រូវបានបញ្ឈប់ទេ។ ការបើកបិទ និងស្វ័យប្រវត្តិ ដំណើរការធម្មតា។
# the banner on every page
stop-banner-farm = បញ្ឈប់បន្ទាន់ កសិដ្ឋានទាំងមូល តាំងពី { $when } ដោយ { $person }។
stop-banner-house = បញ្ឈប់បន្ទាន់ ក្នុង{ $house } តាំងពី { $when } ដោយ { $person }។
stop-banner-release = ដោះសោ
stop-banner-see = មើលអ្វីដែលត្រូវបានបញ្ឈប់
# what stands still
stop-stands-farm = កសិដ្ឋានទាំងមូល ត្រូវបានបញ្ឈប់
stop-stands-house = { $house } ត្រូវបានបញ្ឈប់
stop-since-by = តាំងពី { $time } ដោយ { $person }
stop-fans-go-on = កង្ហារនៅដំណើរការធម្មតា
stop-fans-too = កង្ហារក៏ត្រូវបានបញ្ឈប់ដែរ
stop-told = បានបញ្ជាឱ្យបិទ៖ { $n }
stop-answered = ឆ្លើយថាបិទហើយ៖ { $n }
stop-all-answered = ទាំងអស់
stop-unanswered = មិនទាន់៖ { $n }
stop-told-at = បានបញ្ជា { $time }
# pressing it
stop-danger = ពេលមានគ្រោះថ្នាក់
stop-press = បញ្ឈប់ទាំងអស់
stop-press-farm = បញ្ឈប់ទាំងអស់ ក្នុងកសិដ្ឋាន
stop-press-house = បញ្ឈប់ទាំងអស់ ក្នុង{ $house }
stop-asks = កង្ហារនៅដំណើរការធម្មតា។ នឹងសួរអ្នកម្ដងទៀត មុនបញ្ឈប់។
stop-ask-farm = បញ្ឈប់ទាំងអស់ ក្នុងកសិដ្ឋាន?
stop-ask-house = បញ្ឈប់ទាំងអស់ ក្នុង{ $house }?
stop-will-stop = នឹងបញ្ឈប់
stop-kind-number = { $kind }៖ { $n }
stop-programs = កាលវិភាគ និងលក្ខខណ្ឌទាំងអស់
stop-fans-help = កង្ហារនៅដំណើរការធម្មតា ដើម្បីកុំឱ្យមាន់ក្តៅ។
stop-fans = បញ្ឈប់កង្ហារដែរ
stop-fans-danger = បើគ្មានខ្យល់ មាន់អាចងាប់ក្នុងមួយម៉ោង។
stop-manager-only = មានតែអ្នកគ្រប់គ្រងទេ ដែលដោះសោបាន។
done-stop-pressed = កំពុងបញ្ជាឧបករណ៍ទាំងអស់ឱ្យឈប់
done-stop-again = ការបញ្ឈប់នេះ ត្រូវបានដោះសោរួចហើយ។ បើចង់បញ្ឈប់ទាំងអស់ សូមចុចម្ដងទៀត។
# releasing it
stop-release = ដោះសោ
stop-release-help = ក្រោយមក ស្វ័យប្រវត្តិវិញ
stop-release-title-farm = ដោះការបញ្ឈប់ កសិដ្ឋានទាំងមូល?
stop-release-title-house = ដោះការបញ្ឈប់ ក្នុង{ $house }?
stop-pressed-by = { $person } បានចុច { $when }។
stop-release-automation = ស្វ័យប្រវត្តិដំណើរការវិញភ្លាម៖ កាលវិភាគ និងលក្ខខណ្ឌ អាចបើកឧបករណ៍។
stop-release-off = អ្វីដែលបានបិទ នៅបិទដដែល រហូតដល់មានគេ ឬស្វ័យប្រវត្តិបើកវា។
stop-release-look = សូមពិនិត្យជាមុនសិន ថាគ្មាននរណាមានគ្រោះថ្នាក់។
done-stop-released = បានដោះសោ។ ស្វ័យប្រវត្តិដំណើរការវិញ។ អ្វីដែលបានបិទ នៅបិទដដែល រហូតដល់មានគេបើក។
