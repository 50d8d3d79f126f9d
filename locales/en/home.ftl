# Home: the answer first, then values, devices, and the other houses.
home-title = Home

# Who it is about: "House 1 · 500 birds · day 24"
home-birds = { $n } birds
home-day = day { $n }

# The answer
home-good = { $house } is good
home-too-hot = { $house } is too hot
home-too-cold = { $house } is too cold
home-too-humid = { $house } is too humid
home-too-dry = { $house } is too dry
home-water-low = { $house } is low on water
home-feed-low = { $house } is low on feed
home-past-limit = { $house } has a problem
home-unknown = We do not know

# The sentences after it. $when is a moment as it stands in a sentence, $time the same in a short line.
home-now = { $value }.
home-running = { $device } running.
home-over = { $value }, over the limit of { $limit }.
home-over-since = { $value }, over the limit of { $limit } since { $when }.
home-under = { $value }, under the limit of { $limit }.
home-under-since = { $value }, under the limit of { $limit } since { $when }.
home-no-data-since = No data since { $when }.
home-no-data-yet = No data yet.
home-silent-since = { $sensor } is not known: the sensor has not answered since { $when }.
home-suspect-since = { $sensor } is not known: the sensor’s value can not be trusted since { $when }.
home-checked = Checked { $ago }
home-check-now = Check now

# Values
home-values = Inside now
home-values-last = Last values
home-good-between = Good between { $low } and { $high }
home-since = since { $time }
value-of = { $sensor } · { $device }
value-normal = Normal
value-enough = Enough
value-too-hot = Too hot
value-too-cold = Too cold
value-too-humid = Too humid
value-too-dry = Too dry
value-high = High
value-low = Low
value-old = Old value
value-suspect = Not to be trusted
value-unknown = Not known
value-none = No data
sensor-temperature = Temperature
sensor-humidity = Humidity
sensor-water-level = Water level
sensor-water-volume = Water
sensor-flow-rate = Water flow
sensor-feed-level = Feed
sensor-weight = Weight

# Devices
home-devices = Main devices
home-all-devices = All switches
device-on = On
device-off = Off
device-unknown = Not known
device-since = Since { $time }
device-automatic-since = Automatic since { $time }
device-by-hand-since = By hand since { $time }
device-last-on = On, as reported { $time }
device-last-off = Off, as reported { $time }
device-last-other = Last reported { $time }
device-never = Has not reported yet

# Other houses, controllers, new devices
home-others = Other houses
home-connection = Connection
controller = Controller { $node }
controller-seen = Last heard { $time }
controller-never = Has not connected yet
controller-online = Connected
controller-offline = Disconnected
controller-silent-since = Controller { $node } has not answered since { $when }.
home-new = New devices
home-new-help = Waiting for a manager’s approval
home-empty = No devices yet

# The live connection of this page
live-lost = Connection lost
live-lost-since = Showing values from { $time }
