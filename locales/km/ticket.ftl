# A code to hand over.
ticket-help = ឱ្យគេស្កេន ឬអានលេខកូដនេះប្រាប់គេ
ticket-link = ឬផ្ញើតំណនេះ
ticket-until = ប្រើបានម្ដង · រហូតដល់ { $when }
