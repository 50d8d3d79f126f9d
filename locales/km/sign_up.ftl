# A new account.
sign-up-title = ចុះឈ្មោះ
sign-up-lead = ម្នាក់មានគណនីមួយ ផ្ទាល់ខ្លួន។
sign-up-login = លេខទូរស័ព្ទ ឬអ៊ីមែល
sign-up-login-help = 012 345 678 ឬអ៊ីមែល
sign-up-taken = មានគណនីនេះរួចហើយ។ សូមចូលគណនីនោះ។
sign-up-joins = បន្ទាប់ពីនេះ អ្នកចូលរួមកសិដ្ឋានដែលបានអញ្ជើញអ្នក។
sign-up-submit = បង្កើតគណនី
sign-up-have = ខ្ញុំមានគណនីហើយ
# what people type about themselves, here and on the account page
person-name = ឈ្មោះពេញ
contact-bad = នេះមិនមែនលេខទូរស័ព្ទ ឬអ៊ីមែលទេ។ សូមវាយដូចជា 012 345 678។
# a new password, wherever one is set
password-new = ពាក្យសម្ងាត់ថ្មី
password-current = ពាក្យសម្ងាត់បច្ចុប្បន្ន
password-help = 10 តួអក្សរ ឬច្រើនជាងនេះ
password-too-short = ខ្លីពេក។ ត្រូវមាន 10 តួអក្សរ ឬច្រើនជាងនេះ។
password-too-long = វែងពេក។ សូមប្រើពាក្យខ្លីជាងនេះ។
password-guessable = អ្នកដទៃអាចទាយត្រូវ។ សូមប្រើពាក្យពីរបី ដែលគ្មានអ្នកណាទាយបាន។
password-busy = ឥឡូវមានមនុស្សចូលគណនីច្រើនពេក។ សូមរង់ចាំបន្តិច រួចវាយពាក្យសម្ងាត់ម្ដងទៀត។
password-wrong = មិនត្រូវទេ។ សូមវាយម្ដងទៀត។
password-again = សូមវាយម្ដងទៀត ដើម្បីឱ្យយើងដឹងថាជាអ្នក។
