# The emergency stop: what stands still, pressing it, and releasing it.
stop-title = Emergency stop
stop-stands = The emergency stop is pressed
stop-none = Nothing is stopped. Switches and automation work as usual.
# the banner on every page
stop-banner-farm = Emergency stop on the whole farm since { $when } by { $person }.
stop-banner-house = Emergency stop in { $house } since { $when } by { $person }.
stop-banner-release = Release it
stop-banner-see = See what stands still
# what stands still
stop-stands-farm = The whole farm stands still
stop-stands-house = { $house } stands still
stop-since-by = Since { $time } by { $person }
stop-fans-go-on = Fans go on
stop-fans-too = Fans stand still too
stop-told = Told to turn off: { $n }
stop-answered = Said that they are off: { $n }
stop-all-answered = All
stop-unanswered = Not yet: { $n }
stop-told-at = Told { $time }
# pressing it
stop-danger = In danger
stop-press = Stop everything
stop-press-farm = Stop everything on the farm
stop-press-house = Stop everything in { $house }
stop-asks = Fans keep running. You will be asked once more before anything stops.
stop-ask-farm = Stop everything on the farm?
stop-ask-house = Stop everything in { $house }?
stop-will-stop = This will stop
stop-kind-number = { $kind }: { $n }
stop-programs = All schedules and rules
stop-fans-help = Fans keep running so that the birds stay cool.
stop-fans = Stop the fans too
stop-fans-danger = Without air birds can die within the hour.
stop-manager-only = Only a manager can release it.
done-stop-pressed = All devices are being told to stop
done-stop-again = This stop was released meanwhile. Press again if everything is to stop.
# releasing it
stop-release = Release
stop-release-help = Automation goes on then
stop-release-title-farm = Release the stop of the whole farm?
stop-release-title-house = Release the stop in { $house }?
stop-pressed-by = Pressed by { $person }, { $when }.
stop-release-automation = Automation goes on at once: schedules and rules may turn devices on.
stop-release-off = What was turned off stays off until somebody or automation turns it on.
stop-release-look = See first that nobody is in danger.
done-stop-released = Released. Automation goes on. What was turned off stays off until it is turned on.
