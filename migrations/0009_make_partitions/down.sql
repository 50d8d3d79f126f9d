-- The partitions stay: they hold rows, and go with their tables.
DROP FUNCTION drop_readings_before(date);
DROP FUNCTION tables_with_rows_out_of_place();
DROP FUNCTION make_partition(date, integer, integer);
DROP FUNCTION partition_spans(regclass);
