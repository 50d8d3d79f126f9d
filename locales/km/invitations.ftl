# Ways into a farm.
invitations-title = អញ្ជើញមនុស្សម្នាក់
invitations-open = ការអញ្ជើញដែលនៅប្រើបាន
invitation-about = ដោយ { $member } · រហូតដល់ { $when }
invitation-role = អញ្ជើញជា
invitation-choose = សូមជ្រើសរើសអ្វីដែលគេអាចធ្វើ។
invitation-make = បង្កើតការអញ្ជើញ
invitation-title = ការអញ្ជើញ
invitation-as = អញ្ជើញជា { $role }៖ { $may }
invitation-qr = កូដ QR សម្រាប់អញ្ជើញ
invitation-send = ផ្ញើតំណ
invitation-sms = ផ្ញើជាសារ SMS
invitation-message = សូមចូលរួម { $farm } លើ Tokkatot៖ { $link }
invitation-revoke = លុបការអញ្ជើញនេះ
done-invitation-revoked = បានលុបការអញ្ជើញ
