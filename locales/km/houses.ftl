# The houses of a farm, and the birds in them.
houses-title = ទ្រុង
houses-none = មិនទាន់មានទ្រុង
houses-none-help = ទ្រុងជាកន្លែងដែលមាន់រស់នៅ និងដាក់ឧបករណ៍។
houses-devices = ឧបករណ៍៖ { $n }
houses-empty = គ្មានមាន់
houses-add = បន្ថែមទ្រុង
houses-name = ឈ្មោះទ្រុង
houses-same-name = មានទ្រុងឈ្មោះនេះរួចហើយ។
houses-age = ថ្ងៃនេះ អាយុប៉ុន្មានថ្ងៃ?
houses-age-help = កូនទើបញាស់ = 0។ ឬសូមដាក់កាលបរិច្ឆេទខាងក្រោម។
houses-placed-on = ឬថ្ងៃដែលញាស់
houses-two-days = ចំនួនថ្ងៃ និងកាលបរិច្ឆេទមិនត្រូវគ្នា។ សូមបំពេញតែមួយ។
houses-future = ថ្ងៃនោះមិនទាន់មកដល់ទេ។
houses-too-long-ago = ថ្ងៃនោះយូរពេកហើយ។
houses-remove = ដកទ្រុងចេញ
houses-remove-title = ដក { $house } ចេញ?
houses-remove-help = ទ្រុងនេះ និងព័ត៌មានអំពីមាន់ក្នុងទ្រុង នឹងបាត់ពីគ្រប់ទំព័រ។ មិនអាចយកមកវិញបានទេ។
houses-has-devices = មិនទាន់ដកចេញបានទេ៖ នៅមានឧបករណ៍ក្នុងទ្រុងនេះ ({ $n })។ សូមប្ដូរវាទៅទ្រុងផ្សេងជាមុនសិន។
done-house-added = បានបន្ថែមទ្រុង
done-house-removed = បានដកទ្រុងចេញ

# Birds
birds-kind = មាន់អ្វី?
bird-local = មាន់ខ្មែរ
bird-broiler = មាន់សាច់
bird-broiler-help = ចិញ្ចឹមយកសាច់
bird-layer = មាន់ពង
bird-layer-help = ចិញ្ចឹមយកពង
bird-other = ផ្សេងទៀត
birds-local = មាន់ខ្មែរ { $n }
birds-broiler = មាន់សាច់ { $n }
birds-layer = មាន់ពង { $n }
birds-other = មាន់ { $n }
birds-count = ចំនួនមាន់
birds-count-help = 0 បើទ្រុងនៅទទេ
