# Switching devices by hand. How far a command is, and why something is refused, stands in commands.ftl.
control-title = Control
control-none = Nothing to switch yet
control-none-help = Once a fan, a light or a feeder is connected and accepted, it is switched here.
control-view-only = You may look. A keeper or manager can switch.
# the bolt: one verb and one thing
control-turn-on = Turn { $thing } on
control-turn-off = Turn { $thing } off
control-drop = Drop feed for { $span }
control-drop-end = Stop dropping feed
control-locked = Locked
thing-fan = fan
thing-heater = heater
thing-lamp = heat lamp
thing-light = light
thing-feeder = feeder
thing-pump = pump
thing-belt = belt
thing-valve = valve
thing-climate = it
thing-water-level = it
thing-scale = it
thing-other = it
# why it is as it is. $time is a moment in a short line
control-stopped = Emergency stop, { $time }
control-was-stopped = Turned off by an emergency stop, { $time }
control-interlocked = Turned off by its safety rule, { $time }
control-by = By hand, { $who }, { $time }
control-last-drop = Last at { $time }
# what will end it. $when is a moment as it stands in a sentence
control-ends-timer = Goes off by itself at { $when }.
control-ends-interlock = Its safety rule turns it off at { $when } at the latest.
# how far a command is
control-saved-here = 1. Saved on this phone
control-sending = Sending…
control-step = { $n }. { $stage }
control-saved = Saved
control-not-sent-yet = Not sent yet
control-waiting = It waits for the device
control-waiting-until = The device can not be reached. It is told if it comes back before { $when }.
control-done = Done at { $time }
control-dropped = The device has dropped feed
control-drop-ended = The device has stopped
control-ended = { $stage } · { $time }
control-again = Try again
control-undo = Undo
# what holds it
control-stop-help = Only a manager can release it.
control-release = Release
control-away-since = Not reached since { $time }
control-away-help = What you ask for waits for it: to turn on { $on }, to turn off { $off }. After that it is not told any more.
control-by-hand-until = By hand until { $time }
control-then-automatic = Then automatic again
control-automatic-now = Automatic again now
# why a tap was not done
control-not-on = It was not turned on
control-not-off = It was not turned off
control-not-done = It was not done
control-not-done-help = We could not take it. Look at what is true now, and try again.
control-old = This page was old
control-old-help = Nothing was sent. Look at what is true now, and tap once more if you still want it.
control-not-sent = Not sent
control-not-sent-help = There was no connection. Nothing was asked of the device as far as this phone knows.
# several at once
control-several = Several at once
control-all-of = All { $things } · { $place }
control-all-on = Turn all on
control-all-off = Turn all off
done-control-told = Devices that were told: { $n }
things-fan = fans
things-light = lights
things-lamp = heat lamps
things-heater = heaters
things-pump = pumps
# more for one device
control-more = On for a while…
control-more-feed = Drop for another time…
control-more-values = Set, or on for a while…
control-for = Turn on for how long?
control-for-help = The device turns itself off when the time is over.
control-feed-for = Drop feed for how long?
control-feed-help = The feeder stops by itself when the time is over. The same time stands on its button from then on.
control-value = How strong? (%)
control-angle = Which angle? (°)
control-bounds = { $least } to { $most }
control-less = Less
control-more-of = More
control-set = Set
