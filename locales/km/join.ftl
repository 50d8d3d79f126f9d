# The way into a farm by an invitation.
join-title = ចូលរួមកសិដ្ឋាន
join-lead = សូមវាយលេខកូដអញ្ជើញរបស់អ្នក។
join-invites = { $person } អញ្ជើញអ្នក
join-farm = ចូលរួម { $farm }
join-role = ជា{ $role }
join-until = ប្រើបានរហូតដល់ { $time }
join-already = អ្នកជាសមាជិកកសិដ្ឋាននេះរួចហើយ។
join-first = សូមចុះឈ្មោះ ឬចូលគណនីដែលអ្នកមាន។ រួចអ្នកចូលរួមបាន។
join-dead = ការអញ្ជើញនេះប្រើមិនបានទេ
join-dead-help = វាត្រូវបានប្រើរួច បានដកវិញ ឬផុតកំណត់ ឬលេខកូដមិនត្រូវ។ សូមសុំលេខកូដថ្មីពីកសិដ្ឋាន។
done-joined = អ្នកបានចូលរួមកសិដ្ឋាន
