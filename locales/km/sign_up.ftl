# A new account.
sign-up-title = ចុះឈ្មោះ
sign-up-lead = ម្នាក់មានគណនីមួយ ផ្ទាល់ខ្លួន។
sign-up-login = លេខទូរស័ព្ទ ឬអ៊ីមែល
sign-up-login-help = 012 345 678 ឬអ៊ីមែល
sign-up-taken = មានគណនីនេះរួចហើយ។ សូមចូលគណនីនោះ។
sign-up-joins = បន្ទាប់ពីនេះ អ្នកចូលរួមកសិដ្ឋានដែលបានអញ្ជើញអ្នក។
sign-up-submit = ចុះឈ្មោះ
sign-up-have = ខ្ញុំមានគណនីហើយ
