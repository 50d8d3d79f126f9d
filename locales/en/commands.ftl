# Commands to devices: what was asked, how far it is, why it ended so, and who asked.
# what was asked
command-on = Turn on
command-on-for = Turn on for { $span }
command-off = Turn off
command-value = Set to { $n }{"\u00A0"}%
command-angle = Set to { $n }°
command-percent = { $n }{"\u00A0"}%
command-degrees = { $n }°
# how far it is. "Sent" is the broker's word, "received" and "done" are the device's own.
command-queued = Waiting to be sent
command-queued-why = It can be sent until { $when }.
command-sent = Sent
command-sent-why = The device has not answered yet.
command-executing = The device has received it
command-executing-why = It has not said yet that it is done.
command-completed = Done
command-failed = Failed
# why it ended otherwise
command-expired = Expired
command-expired-why = The device could not be reached in time. It is not told any more.
command-no-answer = No answer
command-no-answer-why = Nobody knows whether the device has done it.
command-superseded = Replaced
command-superseded-why = A newer command took its place.
command-cancelled = Taken back
command-cancelled-why = It was taken back before it was sent.
command-interlocked = Not sent
command-interlocked-why = A safety rule of the device did not let it.
command-stopped = Not sent
command-stopped-why = An emergency stop stands.
command-forbidden = Not sent
command-forbidden-why = Whoever asked for it may not control devices any more.
command-refused = The device refused
command-refused-why = The device could not do it.
command-refused-saying = The device says: { $words }
command-disagrees = Done, but not as told
command-disagrees-why = The device is not as it was told to be.
command-disagrees-saying = The device says that it is: { $state }
# who asked
command-by-somebody = Somebody
command-by-schedule = Schedule
command-by-rule = Rule
command-by-safety = Safety rule
command-by-stop = Emergency stop
command-by-stop-of = Emergency stop by { $person }
# why something is not done at all
command-not-unknown-action = There is no such thing to ask for.
command-not-not-a-switch = This device only measures. There is nothing to turn on or off.
command-not-not-in-use = This device is not in use.
command-not-not-off = It has not said that it is off: it may be running now.
command-not-wrong-action = This device can not do that.
command-not-no-value = Say how much.
command-not-not-a-number = That is not a number.
command-not-out-of-range = It must be { $least } to { $most }.
command-not-no-duration = Only what is turned on can end by itself.
command-not-no-portion = Feed drops for a time. Choose for how long.
command-not-duration = The time must be { $least } to { $most }.
command-not-stopped = Emergency stop since { $when }. Only a manager can release it.
# safety rules
command-held-max-on = It has run as long as it may. Turn it off first.
command-held-min-on-until = It must run until { $when }.
command-held-min-off-until = It must rest until { $when }.
command-held-max-starts-until = It has started often enough. It may start again from { $when } on.
command-held-exclusive = { $device } is running. Turn it off first.
command-held-exclusive-until = { $device } is running until { $when }. Turn it off first, or wait.
command-held-other = Another device
# the same, told afterwards
command-was-held-max-on = It had run as long as it may.
command-was-held-min-on-until = It had to run until { $when }.
command-was-held-min-off-until = It had to rest until { $when }.
command-was-held-max-starts-until = It had started often enough. It could start again from { $when } on.
command-was-held-exclusive = { $device } was running.
command-was-held-exclusive-until = { $device } was running until { $when }.
