# A password, wherever one is set or asked for again.
password = ពាក្យសម្ងាត់
password-new = ពាក្យសម្ងាត់ថ្មី
password-current = ពាក្យសម្ងាត់បច្ចុប្បន្ន
password-help = 10 តួអក្សរ ឬច្រើនជាងនេះ
password-too-short = ខ្លីពេក។ ត្រូវមាន 10 តួអក្សរ ឬច្រើនជាងនេះ។
password-too-long = វែងពេក។ សូមប្រើពាក្យខ្លីជាងនេះ។
password-guessable = អ្នកដទៃអាចទាយត្រូវ។ សូមប្រើពាក្យពីរបី ដែលគ្មានអ្នកណាទាយបាន។
password-busy = ឥឡូវមានមនុស្សចូលគណនីច្រើនពេក។ សូមរង់ចាំបន្តិច រួចវាយពាក្យសម្ងាត់ម្ដងទៀត។
password-wrong = មិនត្រូវទេ។ សូមវាយម្ដងទៀត។
password-again = សូមវាយម្ដងទៀត ដើម្បីឱ្យយើងដឹងថាជាអ្នក។
