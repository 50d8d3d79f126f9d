ALTER TABLE node_boots DROP COLUMN clock_set_seq;
