# What somebody came with. Product names are never translated.
browser-on = { $browser } លើ { $system }
browser-unknown = ទូរស័ព្ទ ឬកុំព្យូទ័រ
