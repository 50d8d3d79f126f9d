# Ways into a farm.
invitations-title = Invite someone
invitations-open = Open invitations
invitation-about = by { $member } · until { $when }
invitation-role = Invite as
invitation-choose = Please choose what the person may do.
invitation-make = Make an invitation
invitation-title = Invitation
invitation-as = Invite as { $role }: { $may }
invitation-qr = Invitation QR code
invitation-send = Send the link
invitation-sms = Send by text message
invitation-message = Join { $farm } on Tokkatot: { $link }
invitation-revoke = Delete this invitation
done-invitation-revoked = The invitation was deleted
