# The list of farms.
farms-title = កសិដ្ឋានរបស់អ្នក
farms-none = អ្នកមិនទាន់មានកសិដ្ឋាន
farms-none-help = សូមសុំឱ្យម្ចាស់កសិដ្ឋានបន្ថែមអ្នក។
role-admin = ម្ចាស់
role-manager = អ្នកគ្រប់គ្រង
role-keeper = អ្នកថែទាំ
role-viewer = អ្នកមើល
