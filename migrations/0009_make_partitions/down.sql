-- The partitions stay: they hold rows, and go with their tables.
DROP FUNCTION drop_readings_before(date);
DROP FUNCTION ensure_partitions(date, integer);
DROP FUNCTION add_partition(text, text, timestamptz, timestamptz);
