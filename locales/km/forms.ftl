# What forms and the pages after them have in common.
field-required = សូមបំពេញប្រអប់នេះ។
field-show = បង្ហាញ
field-hide = លាក់
field-control = មានតួអក្សរមួយ ដែលរក្សាទុកមិនបាន។ សូមវាយម្ដងទៀត។
field-too-long = វែងពេក។ សូមប្រើ { $n } តួអក្សរ យ៉ាងច្រើន។
field-wait = មានការព្យាយាមច្រើនពេក។ សូមរង់ចាំ { $n } នាទី រួចព្យាយាមម្ដងទៀត។
save = រក្សាទុក
cancel = បោះបង់
back = ត្រឡប់ក្រោយ
next = បន្ទាប់
done-saved = បានរក្សាទុក
field-range = សូមវាយលេខ ពី { $from } ដល់ { $to }។
field-date = សូមដាក់កាលបរិច្ឆេទ ដូចជា { $example }។
