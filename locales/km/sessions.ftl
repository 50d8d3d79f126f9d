# Where the person is signed in.
sessions-title = កន្លែងដែលអ្នកបានចូលគណនី
sessions-lead = បើអ្នកមិនស្គាល់មួយណា សូមឱ្យវាចេញពីគណនី ហើយប្ដូរពាក្យសម្ងាត់។
sessions-this = ទូរស័ព្ទនេះ
sessions-borrowed = ទូរស័ព្ទខ្ចីគេ
sessions-used = ប្រើចុងក្រោយ { $time }
sessions-since = បានចូលគណនី { $time }
sessions-from = អាសយដ្ឋាន { $address }
sessions-name = ដាក់ឈ្មោះទូរស័ព្ទនេះ
sessions-name-label = ឈ្មោះដែលអ្នកហៅវា
sessions-name-help = ឧទាហរណ៍ ទូរស័ព្ទរបស់ដារា
sessions-end = ឱ្យវាចេញពីគណនី
sessions-end-others = ឱ្យកន្លែងផ្សេងទាំងអស់ ចេញពីគណនី
done-session-ended = វាបានចេញពីគណនី
done-sessions-ended = ទូរស័ព្ទ និងកុំព្យូទ័រផ្សេងដែលបានចេញពីគណនី៖ { $n }
