# Who belongs to a farm.
members-title = សមាជិក
members-number = { $n } នាក់
members-you = អ្នក
members-role = { $role } · { $may }
members-all = សមាជិកទាំងអស់
# one person
member-since = នៅទីនេះតាំងពី { $date }
member-invited-by = អញ្ជើញដោយ { $member }
member-role = តួនាទី
member-role-change = ប្ដូរតួនាទី
done-role-changed = បានប្ដូរតួនាទី
# a forgotten password
member-reset-title = ជួយពេលភ្លេចពាក្យសម្ងាត់
member-reset-help = អ្នកនឹងទទួលលេខកូដ សម្រាប់អានប្រាប់គេ។ គេដាក់ពាក្យសម្ងាត់ថ្មី ដោយលេខកូដនោះ។
member-reset = បង្កើតលេខកូដ
member-reset-operator = កសិដ្ឋានបង្កើតលេខកូដឱ្យអ្នកនេះមិនបានទេ។ អ្នកគ្រប់គ្រងប្រព័ន្ធអាចជួយបាន។
member-reset-about = សម្រាប់ { $member } ដាក់ពាក្យសម្ងាត់ថ្មី
member-reset-qr = កូដ QR សម្រាប់ពាក្យសម្ងាត់ថ្មី
member-reset-once = លេខកូដនេះបង្ហាញតែឥឡូវទេ។ សូមកុំឱ្យអ្នកផ្សេងដឹង។
member-reset-read = ខ្ញុំបានប្រាប់គេហើយ
# removing somebody
member-remove = ដកចេញពីកសិដ្ឋាន
member-remove-title = ដក { $member } ចេញពី { $farm }?
member-remove-pages = ទំព័រដែលបើកលើទូរស័ព្ទគេ នឹងចេញភ្លាម
member-remove-stays = អ្វីដែលគេបានធ្វើ នៅក្នុងកំណត់ហេតុដដែល
member-remove-again = អាចអញ្ជើញគេម្ដងទៀត ពេលណាក៏បាន
member-remove-verb = ដក { $member } ចេញ
done-member-removed = បានដកសមាជិកចេញ
