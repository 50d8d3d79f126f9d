# The door.
sign-in-title = ចូលគណនី
sign-in-login = លេខទូរស័ព្ទ អ៊ីមែល ឬឈ្មោះគណនី
sign-in-login-help = ឧទាហរណ៍ 012 345 678
sign-in-submit = ចូលគណនី
sign-in-wrong = លេខ ឈ្មោះ ឬពាក្យសម្ងាត់មិនត្រូវ។ សូមព្យាយាមម្ដងទៀត។
sign-in-borrowed = នេះមិនមែនជាទូរស័ព្ទរបស់ខ្ញុំទេ
sign-in-borrowed-help = អ្នកនឹងចេញពីគណនីដោយស្វ័យប្រវត្តិ ពេលបិទកម្មវិធីរុករក ឬក្រោយ 30 នាទី។
sign-in-no-account = ចុះឈ្មោះ
sign-in-invited = ខ្ញុំមានលេខកូដអញ្ជើញ
sign-in-forgotten = ខ្ញុំភ្លេចពាក្យសម្ងាត់
# the second step, for who has turned it on
sign-in-code-title = លេខ 6 ខ្ទង់ ពីទូរស័ព្ទរបស់អ្នក
sign-in-code-lead = សូមបើកកម្មវិធីដែលបង្កើតលេខកូដ រួចវាយលេខ 6 ខ្ទង់ដែលវាបង្ហាញ។
sign-in-code = លេខ 6 ខ្ទង់
sign-in-code-wrong = លេខកូដនេះមិនត្រូវ ឬបានប្រើរួចហើយ។
sign-in-code-late = ចំណាយពេលយូរពេក។ សូមវាយពាក្យសម្ងាត់ម្ដងទៀត។
sign-in-code-finished = លេខកូដរបស់អ្នកត្រឹមត្រូវ តែចម្លើយមិនបានមកដល់ទូរស័ព្ទនេះទេ។ សូមវាយពាក្យសម្ងាត់ម្ដងទៀត រួចវាយលេខកូដបន្ទាប់។
sign-in-lost = ខ្ញុំមិនមានទូរស័ព្ទនៅជាមួយទេ
sign-in-recovery = លេខកូដសង្គ្រោះ
sign-in-recovery-help = លេខកូដមួយ ក្នុងចំណោមលេខកូដដែលអ្នកបានកត់ទុក។ មួយៗប្រើបានតែម្ដង។
