# The door.
sign-in-title = ចូលគណនី
sign-in-lead = មើលទ្រុងមាន់ ពីទូរស័ព្ទរបស់អ្នក។
sign-in-login = លេខទូរស័ព្ទ អ៊ីមែល ឬឈ្មោះគណនី
sign-in-login-help = ឧទាហរណ៍ 012 345 678
sign-in-password = ពាក្យសម្ងាត់
sign-in-submit = ចូលគណនី
sign-in-wrong = លេខ ឈ្មោះ ឬពាក្យសម្ងាត់មិនត្រូវ។ សូមព្យាយាមម្ដងទៀត។
sign-in-busy = មានការព្យាយាមច្រើនពេក។ សូមរង់ចាំ { $n } នាទី រួចព្យាយាមម្ដងទៀត។
