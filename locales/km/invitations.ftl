# Ways into a farm.
invitations-title = អញ្ជើញគេ
