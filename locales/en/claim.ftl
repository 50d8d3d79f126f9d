# How a controller comes onto a farm.
claim-title = Connect a controller
claim-lead = For { $farm }. It takes two minutes.
claim-step-power = Plug the controller in.
claim-step-code = Type the code that stands on its box, or scan the code beside it.
claim-step-name = Then say what each of its devices is.
claim-code = Code on the box
claim-submit = Connect
claim-unknown = No controller has this code. Look at the box once more.
claim-taken = The controller with this code is on another farm already. Ask who sold it.
claim-expired = This code is too old. Ask who sold the controller for a new one.
claim-needs-farm = To connect the controller with the code { $code } you need a farm that you manage. Make a new farm, or ask for that right on yours.
done-node-claimed = The controller is on this farm
