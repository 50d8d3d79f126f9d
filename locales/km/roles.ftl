# What people are on a farm, and what each role may do, in a few words.
role-admin = ម្ចាស់
role-manager = អ្នកគ្រប់គ្រង
role-keeper = អ្នកថែទាំ
role-viewer = អ្នកមើល
role-admin-may = ធ្វើបានទាំងអស់
role-manager-may = រៀបចំទ្រុង និងឧបករណ៍ អញ្ជើញគេ
role-keeper-may = បើកបិទឧបករណ៍ ទទួលស្គាល់ការជូនដំណឹង
role-viewer-may = មើលតែប៉ុណ្ណោះ
last-admin = កសិដ្ឋានត្រូវមានម្ចាស់។ សូមឱ្យសមាជិកផ្សេងធ្វើជាម្ចាស់ជាមុនសិន។
