# A new password by a code.
reset-title = ដាក់ពាក្យសម្ងាត់ថ្មី
